import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { llhttpModuleBytes } from './llhttp.ts';

/**
 * The parser decides where one message ends and the next begins, so the very bytes of it are pinned. A new version of undici is
 * taken by reading what changed in its llhttp and then changing these lines.
 */
const PINNED = {
  version: '7.30.2',
  bytes: 54_202,
  sha256: '2434215e1f7fa0163f22ce895ddbeb83984fa0aa51e123164e053213e5aca028',
};

describe('the parser', () => {
  it('is the WebAssembly module that the pinned package ships, to the byte', () => {
    const require = createRequire(import.meta.url);
    const module = llhttpModuleBytes();
    expect({
      version: (require('undici/package.json') as { version: string }).version,
      bytes: module.length,
      sha256: createHash('sha256').update(module).digest('hex'),
    }).toEqual(PINNED);
  });

  it('is pinned by an exact version', () => {
    const { dependencies } = createRequire(import.meta.url)('../package.json') as {
      dependencies: Record<string, string>;
    };
    expect(dependencies['undici']).toBe(PINNED.version);
  });

  it('asks its host for nothing but the callbacks of a parse', () => {
    const module = new WebAssembly.Module(new Uint8Array(llhttpModuleBytes()));
    const { imports } = WebAssembly.Module as unknown as {
      imports(of: WebAssembly.Module): { module: string; name: string; kind: string }[];
    };
    expect(
      imports(module)
        .map((one) => `${one.kind} ${one.module}.${one.name}`)
        .sort(),
    ).toEqual([
      'function env.wasm_on_body',
      'function env.wasm_on_header_field',
      'function env.wasm_on_header_value',
      'function env.wasm_on_headers_complete',
      'function env.wasm_on_message_begin',
      'function env.wasm_on_message_complete',
      'function env.wasm_on_status',
      'function env.wasm_on_url',
    ]);
  });
});
