import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestControlPlane } from './support/control-plane.ts';

let controlPlane: TestControlPlane;

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
});
afterAll(() => controlPlane.close());

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly requestBody?: { content: object } }>>>
  >;
}

/** Bodies sent to each operation. */
const RUNS = 40;

/** Every operation that takes a body, with the example it is described by. */
async function operations(): Promise<{ method: string; path: string; example: unknown }[]> {
  const { body } = await controlPlane.call<Document>('/openapi.json');
  return Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { requestBody }]) => requestBody !== undefined)
      .map(([method, { requestBody }]) => {
        const [media] = Object.values(requestBody!.content) as {
          schema?: { examples?: unknown[] };
          example?: unknown;
          examples?: Record<string, { value: unknown }>;
        }[];
        const example =
          media?.example ?? Object.values(media?.examples ?? {})[0]?.value ?? media?.schema?.examples?.[0];
        return { method: method.toUpperCase(), path, example };
      }),
  );
}

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 4, unit: 'grapheme' }));
const anything = fc.oneof(
  fc.jsonValue(),
  text,
  fc.constantFrom(null, -1, 0, 1e308, '__proto__', '{{', '\u0000', '../../etc/passwd', "' or 1=1 --"),
);

/** The example with one of its fields, at whatever depth, replaced or left out. */
function changed(example: unknown): fc.Arbitrary<unknown> {
  if (typeof example !== 'object' || example === null) return anything;
  const keys = Object.keys(example);
  if (keys.length === 0) return anything;
  return fc.constantFrom(...keys).chain((key) => {
    const inner = (example as Record<string, unknown>)[key];
    return fc
      .oneof(anything, fc.constant(undefined), changed(inner))
      .map((value) =>
        Array.isArray(example)
          ? example.map((one, index) => (String(index) === key ? value : one))
          : { ...example, [key]: value },
      );
  });
}

/** Path parameters that name nothing, whatever they are. */
const parameter = text.map((value) => encodeURIComponent(value.replaceAll(/[\uD800-\uDFFF]/g, '') || 'x'));

describe('a body', () => {
  it('is never more than the API can take: no answer is a 5xx', async () => {
    const all = await operations();
    expect(all.length).toBeGreaterThan(8);
    for (const { method, path, example } of all) {
      const isJson = typeof example !== 'string';
      const body = fc.oneof(
        fc.string({ unit: 'binary' }),
        (isJson ? changed(example) : anything).map((value) => JSON.stringify(value) ?? ''),
      );
      const samples = fc.sample(fc.tuple(body, parameter), RUNS);
      await Promise.all(
        samples.map(async ([sent, name]) => {
          const url = path.replaceAll(/\{(\w+)\}/g, (_, key: string) => (key === 'cp' ? 'default' : name));
          const headers = { 'content-type': 'application/json' };
          const response = await controlPlane.fetch(url, { method, body: sent, headers });
          const answer = await response.text();
          if (response.status >= 500)
            expect.fail(`${method} ${url} with ${sent}: ${response.status} ${answer.slice(0, 500)}`);
        }),
      );
    }
  });
});
