import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessage, writeMessage } from './rpc-message.ts';

describe('JSON-RPC messages', () => {
  it('read what was written', () => {
    for (const message of [
      { kind: 'request', id: 1, method: 'a.v1.b', params: { x: 1 } },
      { kind: 'notification', method: 'a.v1.c', params: [1] },
      { kind: 'result', id: 7, result: null },
      { kind: 'error', id: 7, error: { code: -32_000, message: 'no', data: undefined } },
    ] as const) {
      expect(readMessage(writeMessage(message))).toEqual(message);
    }
  });

  it.each([
    ['', 'not JSON'],
    ['[]', 'not an object'],
    ['null', 'not an object'],
    ['{"id":1,"method":"x"}', 'jsonrpc is not "2.0"'],
    ['{"jsonrpc":"2.0","id":"1","method":"x"}', 'id is no whole number'],
    ['{"jsonrpc":"2.0","id":1,"method":5}', 'method is no text'],
    ['{"jsonrpc":"2.0","result":1}', 'an answer without an id'],
    ['{"jsonrpc":"2.0","id":1}', 'neither result nor error'],
    ['{"jsonrpc":"2.0","id":1,"error":{"code":"a"}}', 'neither result nor error'],
  ])('%s is refused: %s', (text, reason) => {
    expect(readMessage(text)).toBe(reason);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readMessage(text)));
  });
});
