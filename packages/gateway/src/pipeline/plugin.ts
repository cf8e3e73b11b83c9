import type { LogAttributes, LogLevel } from '@gatescope/base';
import type { Headers } from '@gatescope/http1';
import type { CaCertificate, Consumer } from '../config/entities.ts';
import type { Path, RecordSchema } from '../config/field-schema.ts';
import type { Exchange } from './exchange.ts';

/**
 * A plugin with one configuration, made when the configuration is loaded. Each phase is a method; a phase left out costs nothing. A
 * method that returns nothing is done; one that returns a promise is waited for. What it throws ends the request with 500.
 */
export interface PluginInstance {
  /** Makes listeners ask clients for a certificate; those that have none are served all the same. */
  readonly asksForClientCertificate?: boolean;
  /** Where the spans of its requests go to. */
  readonly spans?: SpanSink;
  /** Once a TLS connection, before its first request. */
  certificate?(handshake: Handshake): void | Promise<void>;
  /** Before a route is chosen; global plugins alone. */
  rewrite?(exchange: Exchange): void | Promise<void>;
  access?(exchange: Exchange): void | Promise<void>;
  /** The response is there whole, `exchange.response.body` included; makes the gateway buffer responses. */
  response?(exchange: Exchange): void | Promise<void>;
  /** The head of the response may be changed; not asynchronous, since the client waits. */
  headerFilter?(exchange: Exchange): void;
  /** A piece of the body may be replaced; `last` comes once, perhaps with an empty piece. */
  bodyFilter?(exchange: Exchange, chunk: Buffer, last: boolean): Buffer | null;
  /** The response has been sent. */
  log?(exchange: Exchange): void | Promise<void>;
  /**
   * Lets go of what it holds (timers, connections) when its configuration is replaced; requests that came before may still run. The process ends
   * when what this answers is done.
   */
  close?(): void | Promise<void>;
}

/** Takes the spans of requests, whether somebody looks at them in a session or not. */
export interface SpanSink {
  /** Whether it wants this request's, by the fields the client sent; asked once, and what is not wanted may not be recorded at all. */
  wants(headers: Headers): boolean;
  /** A trace as a ScopeSpans field of ResourceSpans (OTLP 1.x); the bytes are valid until this returns. */
  take(scopeSpans: Uint8Array): void;
}

/** A TLS connection in its certificate phase. */
export interface Handshake {
  readonly serverName: string | null;
  readonly clientAddress: string;
}

/** What a plugin is made with. */
export interface PluginEnvironment {
  readonly consumers: readonly Consumer[];
  readonly caCertificates: readonly CaCertificate[];
  /** Whether code from the configuration may run; see `untrusted_lua`. */
  readonly allowsConfiguredCode: boolean;
  readonly instanceId: string;
  now(): number;
  /** Writes a line that belongs to no request, in the plugin's name. */
  log(level: LogLevel, message: string, attributes?: LogAttributes): void;
}

/** A kind of plugin. */
export interface PluginDefinition {
  readonly name: string;
  readonly schema: RecordSchema;
  /** The higher runs first, Kong's own numbers; of a plugin that does not come with the gateway alone (default: 1000). */
  readonly priority?: number;
  /** Checks beyond types; answers what is wrong, by path below `config`. */
  check?(config: Readonly<Record<string, unknown>>): readonly { path: Path; message: string }[];
  create(config: Readonly<Record<string, unknown>>, environment: PluginEnvironment): PluginInstance;
}
