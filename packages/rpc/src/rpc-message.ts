/** JSON-RPC 2.0 (https://www.jsonrpc.org/specification). Ids of requests are numbers here. */
export type RpcMessage =
  | { readonly kind: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: RpcErrorObject };

export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Error codes of the specification, and -32000 for an answer that the method itself refused. */
export const RPC_ERROR = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  refused: -32_000,
} as const;

/** Reads a message, or answers why it is none. Batches are refused: neither side sends them. */
export function readMessage(text: string): RpcMessage | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object';
  const message = value as Record<string, unknown>;
  if (message['jsonrpc'] !== '2.0') return 'jsonrpc is not "2.0"';
  const { id, method, params } = message;
  if (method !== undefined) {
    if (typeof method !== 'string') return 'method is no text';
    if (id === undefined) return { kind: 'notification', method, params };
    return Number.isSafeInteger(id)
      ? { kind: 'request', id: id as number, method, params }
      : 'id is no whole number';
  }
  if (!Number.isSafeInteger(id)) return 'an answer without an id';
  if ('result' in message) return { kind: 'result', id: id as number, result: message['result'] };
  const error = message['error'] as Partial<RpcErrorObject> | null | undefined;
  if (typeof error?.code !== 'number' || typeof error.message !== 'string') return 'neither result nor error';
  return {
    kind: 'error',
    id: id as number,
    error: { code: error.code, message: error.message, data: error.data },
  };
}

export function writeMessage(message: RpcMessage): string {
  const { kind: _, ...fields } = message;
  return JSON.stringify({ jsonrpc: '2.0', ...fields });
}
