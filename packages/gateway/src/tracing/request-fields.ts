import { normalizePath } from '@gatescope/base';
import type { FieldDefinition, FieldSource } from '@gatescope/expressions';
import type { TracedRequest } from './traced-request.ts';

/** A request as a rule reads it. One instance serves all requests of a worker, pointed at one after the other. */
export class RequestFields implements FieldSource {
  #request: TracedRequest | null = null;

  /** Points it at a request. */
  of(request: TracedRequest): this {
    this.#request = request;
    return this;
  }

  string(field: FieldDefinition, argument: string): string | undefined {
    const request = this.#request!;
    const { tls } = request.connection;
    switch (field.name) {
      case 'net.protocol':
        return request.scheme;
      case 'http.method':
        return request.method;
      case 'http.host':
        return request.host.replace(/:\d+$/, '');
      case 'http.request.header.host':
        return request.host;
      case 'http.path':
        return decodeText(normalizePath(request.rawPath));
      case 'http.path.segments.':
        return segments(request.rawPath, argument);
      case 'net.src.ip':
      case 'client.address':
        return request.clientAddress;
      case 'net.dst.ip':
        return request.connection.localAddress;
      case 'network.peer.address':
        return request.connection.remoteAddress;
      case 'network.protocol.version':
        return request.minorVersion === 1 ? '1.1' : '1.0';
      case 'proxy.kong.request.id':
        return request.requestId;
      case 'tls.sni':
        return tls?.serverName ?? undefined;
      case 'tls.cipher':
        return tls?.cipher;
      case 'tls.client.subject':
        return tls?.clientSubject ?? undefined;
      case 'tls.server.subject':
        return tls?.serverSubject ?? undefined;
      case 'route.id':
        return request.route?.id;
      case 'route.name':
        return request.route?.name ?? undefined;
      case 'service.id':
        return request.service?.id;
      case 'service.name':
        return request.service?.name ?? undefined;
      case 'consumer.id':
        return request.consumer?.id;
      case 'consumer.username':
        return request.consumer?.username ?? undefined;
      default:
        return undefined;
    }
  }

  strings(field: FieldDefinition, argument: string): readonly string[] {
    const request = this.#request!;
    switch (field.name) {
      case 'http.headers.':
        return request.requestHeaders.getAll(argument.replaceAll('_', '-')).map(decodeText);
      case 'http.response.headers.':
        return (request.responseHeaders?.getAll(argument.replaceAll('_', '-')) ?? []).map(decodeText);
      case 'http.queries.':
        return new URLSearchParams(request.query).getAll(argument);
      default:
        return [];
    }
  }

  number(field: FieldDefinition): number | undefined {
    const request = this.#request!;
    switch (field.name) {
      case 'http.response.status_code':
        return request.status ?? undefined;
      case 'proxy.kong.upstream_status_code':
        return request.upstreamStatus ?? undefined;
      case 'proxy.kong.latency.total':
        return request.endMs - request.startMs;
      case 'net.src.port':
        return request.clientPort;
      case 'net.dst.port':
        return request.connection.localPort;
      case 'network.peer.port':
        return request.connection.remotePort;
      case 'http.path.segments.len':
        return pathSegments(request.rawPath).length;
      case 'http.request.body.size':
        return request.requestBodyBytes;
      case 'http.request.size':
        return request.requestHeadBytes + request.requestBodyBytes;
      case 'http.response.body.size':
        return request.responseBodyBytes;
      case 'http.response.size':
        return request.responseHeadBytes + request.responseBodyBytes;
      default:
        return undefined;
    }
  }

  boolean(field: FieldDefinition): boolean | undefined {
    const request = this.#request!;
    if (field.name === 'tls.resumed') return request.connection.tls?.resumed;
    if (field.name === 'proxy.kong.client_KA') return request.ordinal > 1;
    return undefined;
  }
}

function pathSegments(rawPath: string): string[] {
  return normalizePath(rawPath)
    .split('/')
    .slice(1)
    .filter((segment, index, all) => segment !== '' || index < all.length - 1);
}

function segments(rawPath: string, argument: string): string | undefined {
  const all = pathSegments(rawPath);
  const [from, to] = argument.split('_').map(Number) as [number, number | undefined];
  if (from >= all.length || (to ?? from) >= all.length || (to ?? from) < from) return undefined;
  return decodeText(all.slice(from, (to ?? from) + 1).join('/'));
}

/** Text that came as bytes: UTF-8 where it is, otherwise as it is. */
function decodeText(bytes: string): string {
  return /[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}
