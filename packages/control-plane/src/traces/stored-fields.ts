import type { FieldDefinition, FieldSource } from '@gatescope/expressions';
import type { TraceSummary } from '@gatescope/protocol';
import type { AttributeValue, Span } from '@gatescope/trace';

/** Which attribute of the root span holds a field, where the two are not called alike. */
const ATTRIBUTE_OF: Readonly<Record<string, string>> = {
  'net.protocol': 'url.scheme',
  'net.src.ip': 'client.address',
  'net.src.port': 'client.port',
  'net.dst.port': 'server.port',
  'http.method': 'http.request.method',
  'tls.sni': 'tls.client.server_name',
  'consumer.id': 'proxy.kong.consumer_id',
};

/** A stored trace as a rule reads it: the attributes of its root span, and what the summary knows. Anything else is absent. */
export class StoredFields implements FieldSource {
  readonly #root: Readonly<Record<string, AttributeValue>>;
  readonly #router: Readonly<Record<string, AttributeValue>>;
  readonly #summary: TraceSummary;

  constructor(summary: TraceSummary, spans: readonly Span[]) {
    this.#summary = summary;
    this.#root = spans.find((span) => span.name === 'kong')?.attributes ?? {};
    this.#router = spans.find((span) => span.name === 'kong.router')?.attributes ?? {};
  }

  string(field: FieldDefinition, argument: string): string | undefined {
    switch (field.name) {
      case 'http.host':
        return this.#summary.host?.replace(/:\d+$/, '') ?? undefined;
      case 'http.path':
        return this.#summary.path.split('?')[0];
      case 'http.path.segments.': {
        const [from, to] = argument.split('_').map(Number) as [number, number | undefined];
        const segments = this.#segments().slice(from, (to ?? from) + 1);
        return segments.length === (to ?? from) - from + 1 ? segments.join('/') : undefined;
      }
      case 'route.id':
        return text(this.#router['proxy.kong.router.route_id']);
      case 'route.name':
        return this.#summary.route ?? undefined;
      case 'service.id':
        return text(this.#router['proxy.kong.router.service_id']);
      case 'service.name':
        return this.#summary.service ?? undefined;
      case 'consumer.username':
        return this.#summary.consumer ?? undefined;
      default:
        return text(this.#attribute(field));
    }
  }

  strings(field: FieldDefinition, argument: string): readonly string[] {
    if (field.name !== 'http.queries.') return [];
    const question = this.#summary.path.indexOf('?');
    return question < 0 ? [] : new URLSearchParams(this.#summary.path.slice(question + 1)).getAll(argument);
  }

  number(field: FieldDefinition): number | undefined {
    if (field.name === 'http.path.segments.len') return this.#segments().length;
    if (field.name === 'proxy.kong.latency.total') return this.#summary.duration_ms;
    const value = this.#attribute(field);
    return typeof value === 'number' ? value : undefined;
  }

  boolean(field: FieldDefinition): boolean | undefined {
    const value = this.#attribute(field);
    return typeof value === 'boolean' ? value : undefined;
  }

  #segments(): string[] {
    return (this.#summary.path.split('?')[0] ?? '').split('/').slice(1);
  }

  #attribute(field: FieldDefinition): AttributeValue | undefined {
    for (const name of [ATTRIBUTE_OF[field.name] ?? field.name, ...field.aliases]) {
      const value = this.#root[name];
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

function text(value: AttributeValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
