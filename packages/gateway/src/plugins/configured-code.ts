import { messageOf } from '@gatescope/base';
import { PHASES } from '@gatescope/trace';
import type { Path, RecordSchema } from '../config/field-schema.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { PluginInstance } from '../pipeline/plugin.ts';
import { kongInterface } from './kong-interface.ts';

type Code = (exchange: unknown, kong: unknown) => Promise<unknown>;

/** A list of function bodies per phase. */
export const CODE_SCHEMA: RecordSchema = Object.fromEntries(
  PHASES.map((phase) => [phase, { type: 'list', of: { type: 'string' }, default: [] } as const]),
);

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (...parts: string[]) => Code;
const SyncFunction = Function as unknown as new (...parts: string[]) => (...values: unknown[]) => unknown;

/** Which entries do not compile. */
export function checkCode(config: Readonly<Record<string, unknown>>): { path: Path; message: string }[] {
  const wrong: { path: Path; message: string }[] = [];
  for (const phase of PHASES) {
    (config[phase] as string[]).forEach((body, index) => {
      try {
        if (phase === 'header_filter' || phase === 'body_filter')
          new SyncFunction('exchange', 'kong', 'chunk', 'last', body);
        else new AsyncFunction('exchange', 'kong', body);
      } catch (error) {
        wrong.push({
          path: [phase, index],
          message: `not the body of a JavaScript function: ${messageOf(error)}`,
        });
      }
    });
  }
  return wrong;
}

/**
 * A plugin that runs the code its configuration holds. Each entry is the body of an async function with `exchange` and `kong`; in
 * header_filter and body_filter, where nothing can be waited for, of a plain function, the latter with `chunk` and `last` as well. Where code
 * is not allowed, every request is answered 500.
 */
export function createConfiguredCode(
  name: string,
  config: Readonly<Record<string, unknown>>,
  allowed: boolean,
): PluginInstance {
  if (!allowed) {
    const refuse = () => {
      throw new Error(`${name}: code from the configuration is forbidden on this node (untrusted_lua = off)`);
    };
    return { access: refuse };
  }
  const codeOf = (phase: (typeof PHASES)[number]) =>
    (config[phase] as string[]).map((body) => new AsyncFunction('exchange', 'kong', body));
  const plainOf = (phase: (typeof PHASES)[number]) =>
    (config[phase] as string[]).map((body) => new SyncFunction('exchange', 'kong', 'chunk', 'last', body));
  const runner = (codes: readonly Code[]) => async (exchange: Exchange) => {
    const kong = kongInterface(exchange);
    for (const code of codes) {
      await code(exchange, kong);
      if (exchange.hasExited) return;
    }
  };
  const instance: PluginInstance = {};
  const certificate = codeOf('certificate');
  if (certificate.length > 0) {
    instance.certificate = async (handshake) => {
      for (const code of certificate)
        await code(handshake, { client: { get_ip: () => handshake.clientAddress } });
    };
  }
  for (const phase of ['rewrite', 'access', 'response', 'log'] as const) {
    const codes = codeOf(phase);
    if (codes.length > 0) instance[phase] = runner(codes);
  }
  const headerFilters = plainOf('header_filter');
  if (headerFilters.length > 0)
    instance.headerFilter = (exchange) => {
      for (const code of headerFilters) code(exchange, kongInterface(exchange));
    };
  const bodyFilters = plainOf('body_filter');
  if (bodyFilters.length > 0) {
    instance.bodyFilter = (exchange, chunk, last) => {
      let piece = chunk;
      for (const code of bodyFilters) {
        const changed = code(exchange, kongInterface(exchange), piece, last);
        if (typeof changed === 'string') piece = Buffer.from(changed);
        else if (Buffer.isBuffer(changed)) piece = changed;
      }
      return piece;
    };
  }
  return instance;
}
