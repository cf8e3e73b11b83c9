import type { AddressInfo } from 'node:net';
import type { LogAttributes, LogLevel } from '@gatescope/base';
import { onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { A_TEST } from '../../../http1/src/testing/certificates.ts';
import { RawPeer } from '../../../http1/src/testing/raw-peer.ts';
import type { PluginDefinition } from '../pipeline/plugin.ts';
import { PluginRegistry } from '../plugins/registry.ts';
import { type GatewaySettings, readGatewaySettings } from '../settings/gateway-settings.ts';
import { GatewayWorker } from '../worker.ts';
import { type Answer, type Question, sendRequest } from './send-request.ts';

/** The gateway's name in Via and Server. */
export const PRODUCT = 'gatescope/1.2.3';
export const NODE_ID = 'e2a1b7f0-0000-4000-8000-000000000001';

/** One line of the worker's log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly type: string;
  readonly message: string;
  readonly attributes: LogAttributes | undefined;
}

export interface TestGatewayOptions {
  /** `KONG_*` variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings that tests hand over as values instead of files. */
  readonly settings?: Partial<GatewaySettings>;
  /** The lowest level that its log takes, debug among them; left out, all but debug. */
  readonly logLevel?: LogLevel;
  /** Plugins beside those that come with the gateway. */
  readonly plugins?: readonly PluginDefinition[];
}

/** A worker in this process with a plain and a TLS listener on ports of their own. */
export class TestGateway {
  readonly worker: GatewayWorker;
  readonly port: number;
  readonly tlsPort: number;
  readonly lines: readonly LogLine[];

  private constructor(worker: GatewayWorker, addresses: readonly AddressInfo[], lines: readonly LogLine[]) {
    this.worker = worker;
    this.port = addresses[0]!.port;
    this.tlsPort = addresses[1]!.port;
    this.lines = lines;
  }

  /** Serves a configuration; drained by {@link close}. */
  static async open(config: string, options: TestGatewayOptions = {}): Promise<TestGateway> {
    const { settings } = readGatewaySettings(options.env ?? {}, null, {
      proxyListen: '127.0.0.1:0, 127.0.0.1:0 http2 ssl',
      accessLog: 'off',
      workers: 1,
    });
    const lines: LogLine[] = [];
    const worker = new GatewayWorker({
      settings: { ...settings, defaultCertificate: A_TEST, drainTimeoutMs: 0, ...options.settings },
      version: '1.2.3',
      plugins: new PluginRegistry(null, options.plugins),
      nodeId: NODE_ID,
      logger: {
        least: options.logLevel,
        log: (level, type, message, attributes) => lines.push({ level, type, message, attributes }),
      },
    });
    worker.apply(config);
    return new TestGateway(worker, await worker.listen(), lines);
  }

  /** As {@link open}, closed when the test is over. */
  static async start(config: string, options: TestGatewayOptions = {}): Promise<TestGateway> {
    const gateway = await TestGateway.open(config, options);
    onTestFinished(() => gateway.close());
    return gateway;
  }

  /** Sends a request on a connection of its own unless an agent is given, and resolves with the whole answer. */
  send(path: string, question: Question = {}): Promise<Answer> {
    const port = question.tls === undefined ? this.port : this.tlsPort;
    return sendRequest(port, path, question);
  }

  /** A connection to the plain listener, to the byte. */
  connect(): Promise<RawPeer> {
    return RawPeer.connect(this.port);
  }

  /** The messages logged so far at these levels. */
  logged(...levels: LogLevel[]): string[] {
    return this.lines.filter(({ level }) => levels.includes(level)).map(({ message }) => message);
  }

  /** Resolves once a line has been logged that holds this text. */
  async untilLogged(text: string): Promise<void> {
    await until(`the log to hold ${text}`, () => this.lines.some(({ message }) => message.includes(text)));
  }

  close(): Promise<void> {
    return this.worker.drain();
  }
}
