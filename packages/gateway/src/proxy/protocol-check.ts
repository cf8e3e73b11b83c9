import type { Route } from '../config/entities.ts';
import type { RequestView } from './request-view.ts';

/** Why a route does not serve a request by its protocol, and what the client is answered; `message` null: an answer without a body. */
export interface ProtocolRefusal {
  readonly status: number;
  readonly message: string | null;
  /** What the Upgrade field of a 426 names; null: TLS. */
  readonly upgrade: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Checks a request against the protocols of its route: those over TLS are not served without it, gRPC wants HTTP/2 and its content type,
 * a WebSocket route a WebSocket handshake. Null: served.
 */
export function refuseProtocol(route: Route, request: RequestView): ProtocolRefusal | null {
  const { protocols } = route;
  if (protocols.includes(request.scheme)) return null;
  if (protocols.includes('grpc') || protocols.includes('grpcs')) return refuseGrpc(protocols, request);
  const isSecure = request.scheme === 'https';
  if (protocols.includes('ws') || protocols.includes('wss')) {
    if (!isSecure && !protocols.includes('ws')) return sendToTls(route, request);
    if (isWebSocket(request) || protocols.includes('http') || protocols.includes('https')) return null;
    return {
      status: 426,
      message: 'Please use the WebSocket protocol',
      upgrade: 'websocket',
      headers: {},
    };
  }
  return isSecure ? null : sendToTls(route, request);
}

function refuseGrpc(protocols: readonly string[], request: RequestView): ProtocolRefusal | null {
  const type = request.requestHeaders.get('content-type');
  if (type?.startsWith('application/grpc') !== true)
    return { status: 415, message: 'Non-gRPC request matched gRPC route', upgrade: null, headers: {} };
  if (request.version !== '2')
    return { status: 426, message: 'Please use HTTP2 protocol', upgrade: 'HTTP/2', headers: {} };
  if (request.scheme === 'http' && !protocols.includes('grpc'))
    return {
      status: 200,
      message: null,
      upgrade: null,
      headers: {
        'Content-Type': 'application/grpc',
        'Grpc-Status': '1',
        'Grpc-Message': 'gRPC request matched gRPCs route',
      },
    };
  return null;
}

/** Told to come back over TLS, by redirect where the route says so. */
function sendToTls(route: Route, request: RequestView): ProtocolRefusal {
  const status = route.https_redirect_status_code;
  if (status === 426) return { status, message: 'Please use HTTPS protocol', upgrade: null, headers: {} };
  const host = request.host.replace(/:\d+$/, '');
  return { status, message: null, upgrade: null, headers: { Location: `https://${host}${request.target}` } };
}

function isWebSocket(request: RequestView): boolean {
  return request.server.head.upgrade?.toLowerCase() === 'websocket';
}
