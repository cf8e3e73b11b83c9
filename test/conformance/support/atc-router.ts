import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AstType, AstValue, Context, Router, Schema } from '@kong/atc-router';
import { FIELDS } from '../../../packages/expressions/src/index.ts';
import type { Fact } from '../../../packages/expressions/testing/facts.ts';

interface AtcModule {
  readonly Context: typeof Context;
  readonly Router: typeof Router;
  readonly Schema: typeof Schema;
}

/** The part of WebAssembly that Node's types leave to the DOM's. */
interface Instantiator {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>;
}

/** What stands for `<name>` in fields of these families. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'http.path.segments.': ['0', '1', '0_1'],
  'http.headers.': ['x_debug', 'cookie'],
  'http.queries.': ['debug', 'Tag'],
  'http.response.headers.': ['content_type'],
};
const ATC_TYPES: Readonly<Record<string, AstType>> = { string: 'String', int: 'Int', ip: 'IpAddr' };

/** A field as ATC knows it, and the name under which a request's facts have it. */
export interface AtcField {
  readonly name: string;
  readonly fact: string;
  readonly type: AstType;
  readonly multiple: boolean;
}

/** Our fields of the types that ATC has, by all their names. */
export const ATC_FIELDS: readonly AtcField[] = FIELDS.flatMap((definition) => {
  const { name, aliases, written, wildcard, multiple } = definition;
  const type = ATC_TYPES[definition.type];
  if (type === undefined || name.startsWith('span.')) return [];
  const names = wildcard
    ? ARGUMENTS[name]!.map((argument) => written.replace('<name>', argument))
    : [name, ...aliases];
  return names.map((one) => ({ name: one, fact: wildcard ? one : name, type, multiple }));
});

/** Kong's own router, compiled to WebAssembly. */
export class AtcRouter {
  readonly #atc: AtcModule;
  readonly #schema: Schema;

  private constructor(atc: AtcModule) {
    this.#atc = atc;
    this.#schema = new atc.Schema();
    for (const { name, type } of ATC_FIELDS) this.#schema.addField(name, type);
  }

  /** Its entry is written for bundlers, so that it is put together here. */
  static async load(): Promise<AtcRouter> {
    const folder = dirname(createRequire(import.meta.url).resolve('@kong/atc-router/package.json'));
    const bindings = await import(pathToFileURL(join(folder, 'atc-router_bg.js')).href);
    const bytes = readFileSync(join(folder, 'atc-router_bg.wasm'));
    const { instance } = await (WebAssembly as unknown as Instantiator).instantiate(bytes, {
      './atc-router_bg.js': bindings,
    });
    bindings.__wbg_set_wasm(instance.exports);
    return new AtcRouter(bindings);
  }

  /** What ATC says of a request: null where the expression is not valid. */
  ask(expression: string, facts: Readonly<Record<string, Fact>>): boolean | null {
    const router = new this.#atc.Router(this.#schema);
    const context = new this.#atc.Context(this.#schema);
    try {
      if (router.addMatcher(1, '5f7a1f0e-4f0b-4b0e-8f3a-0d8b0c7f4f11', expression) !== undefined) return null;
      for (const { name, fact, type } of ATC_FIELDS) {
        if (!expression.includes(name)) continue;
        for (const value of [facts[fact] ?? []].flat()) context.addValue(name, { [type]: value } as AstValue);
      }
      return router.execute(context);
    } finally {
      context.free();
      router.free();
    }
  }
}
