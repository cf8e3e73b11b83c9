/** A call that failed: refused by the other side (`code` as JSON-RPC gives it), not answered in time, or cut off. */
export class RpcError extends Error {
  readonly code: number | 'timeout' | 'closed' | 'overload';

  constructor(code: RpcError['code'], message: string) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
  }
}
