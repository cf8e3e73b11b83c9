import { randomHex, uuid } from '@gatescope/base';
import { isFieldName } from '@gatescope/http1';
import type { PluginDefinition } from '../../pipeline/plugin.ts';

/** Gives each request an id in a header, and echoes it where asked. */
export const correlationId: PluginDefinition = {
  name: 'correlation-id',
  schema: {
    header_name: {
      type: 'string',
      default: 'Kong-Request-ID',
      check: (text) => (isFieldName(text) ? null : 'not the name of a header'),
    },
    generator: { type: 'string', oneOf: ['uuid', 'uuid#counter', 'tracker'], default: 'uuid#counter' },
    echo_downstream: { type: 'boolean', default: false },
  },
  create(config) {
    const name = config['header_name'] as string;
    const lower = name.toLowerCase();
    const echo = config['echo_downstream'] === true;
    const next = generator(config['generator'] as string);
    const key = `correlation-id:${lower}`;
    return {
      access(exchange) {
        let id = exchange.request.headers.get(lower);
        if (id === undefined || id === '') {
          id = next();
          exchange.request.headers.set(name, id);
          exchange.debug?.(`${name} was made`, { id });
        } else exchange.debug?.(`${name} came with the request`, { id });
        if (echo) exchange.shared.set(key, id);
      },
      ...(echo
        ? {
            headerFilter(exchange) {
              // A request that no route took never came to the access phase.
              const id = exchange.shared.get(key) ?? exchange.request.headers.get(lower);
              exchange.response?.headers.set(name, typeof id === 'string' && id !== '' ? id : next());
            },
          }
        : {}),
    };
  },
};

function generator(kind: string): () => string {
  if (kind === 'uuid') return uuid;
  const prefix = kind === 'tracker' ? randomHex(6) : uuid();
  let counter = 0;
  if (kind === 'tracker')
    return () => `${prefix}-${process.pid}-${(Date.now() / 1000).toFixed(3)}-${++counter}`;
  return () => `${prefix}#${++counter}`;
}
