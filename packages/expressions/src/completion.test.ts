import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expression } from '../testing/arbitraries.ts';
import { compileRule } from './compile.ts';
import { COMPLETIONS_MAX, complete, completionsAt } from './completion.ts';
import { FIELDS } from './field-table.ts';
import { OPERATORS } from './operators.ts';
import { print } from './print.ts';

const KNOWN = {
  services: ['orders', 'check out'],
  routes: ['checkout', 'in'],
  consumers: ['mobile-app', 'O"Neil'],
  plugins: ['key-auth', 'rate-limiting'],
};

/** What is offered where | stands. */
function offered(marked: string, most?: number): string[] {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  return completionsAt(text, caret, KNOWN, most).map((completion) => completion.text);
}

/** The text once the first offer has been taken where ¦ stands; ¦ is where the caret is then. */
function taken(marked: string): string {
  const at = marked.indexOf('¦');
  const [first] = completionsAt(marked.replace('¦', ''), at, KNOWN);
  const { text, caret } = complete(marked.replace('¦', ''), first!);
  return `${text.slice(0, caret)}¦${text.slice(caret)}`;
}

describe('completionsAt()', () => {
  it.each<[string, string[]]>([
    ['http.meth|', ['http.method']],
    ['url.sch|', ['url.scheme']],
    ['http.method == GET && tls.client.s|', ['tls.client.server_name', 'tls.client.subject']],
    ['(http.metho|', ['http.method']],
    ['!tls.res|', ['tls.resumed']],
    ['not tls.res|', ['tls.resumed']],
    ['ream_status|', ['proxy.kong.upstream_status_code']],
    ['upstream_stat|', ['proxy.kong.upstream_status_code']],
    ['http.metXXX|', []],
    ['lower(http.metho|', ['http.method']],
    ['any(http.metho|', []],
    ['any(http.respo|', ['http.response.headers.']],
    ['low|', ['lower()']],
    ['spa|', ['span("")']],
    // Operators by the field's type.
    ['http.method |', ['==', '!=', '^=', '=^', 'contains', '~', 'in', 'not in']],
    ['http.response.status_code |', ['==', '!=', '>', '>=', '<', '<=', 'in', 'not in']],
    ['net.src.ip |', ['==', '!=', 'in', 'not in']],
    ['tls.resumed |', ['==', '!=', '&&', '||']],
    ['http.headers["X-Debug"] c|', ['contains']],
    ['lower(http.path) ^|', ['^=']],
    ['any(lower(http.headers.x)) =|', ['==', '=^']],
    ['http.path !|', ['!=']],
    ['http.path no|', ['not in']],
    ['span("kong.dns").count no|', ['not in']],
    ['proxy.kong.latency.total >|', ['10ms', '100ms', '250ms', '1s', '5s']],
    ['unknown |', []],
    // Values.
    ['http.method == |', ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']],
    ['http.method == p|', ['POST', 'PUT', 'PATCH']],
    ['http.method == "P|', ['"POST"', '"PUT"', '"PATCH"']],
    ["http.method == 'de|", ["'DELETE'"]],
    ['http.method in [GET, PU|', ['PUT']],
    ['http.method in [GET, PUT, |', ['POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']],
    ['http.method in [GET |', []],
    ['http.response.status_code == 50|', ['500', '501', '502', '503', '504']],
    ['http.response.status_code not in 50|', ['[500]', '[501]', '[502]', '[503]', '[504]']],
    ['service.name == |', ['orders', '"check out"']],
    ['service.name in |', ['[orders]', '["check out"]']],
    ['route.name == |', ['checkout', '"in"']],
    ['consumer.username != |', ['mobile-app', '"O\\"Neil"']],
    ["consumer.username == 'o|", ["'O\"Neil'"]],
    ['service.name ~ |', []],
    ['net.src.ip in 10|', ['10.0.0.0/8']],
    ['net.src.ip == |', ['127.0.0.1', '::1']],
    ['tls.resumed != |', ['true', 'false']],
    ['proxy.kong.latency.total > 25|', ['25ms', '25s', '25m', '25us']],
    ['http.response.size > |', ['1kb', '10kb', '100kb', '1mb', '10mb']],
    ['http.path == "GE|', []],
    ['http.path == "a"|', []],
    // Spans.
    ['span(|', expect.arrayContaining(['"kong.router"', '"kong.access.plugin.key-auth"', '"kong.io.*"'])],
    [
      'span("kong.acc|',
      ['"kong.access.plugin.*"', '"kong.access.plugin.key-auth"', '"kong.access.plugin.rate-limiting"'],
    ],
    ['span("kong.dns").|', ['.duration', '.count', '.error']],
    ['any(span("kong.dns").du|', ['.duration']],
    ['span("kong.dns").error |', ['==', '!=', '&&', '||']],
    // Joining.
    ['http.method == GET |', ['&&', '||']],
    ['http.method == GET &|', ['&&']],
    ['http.method == GET o|', ['or']],
    ['(http.method == GET |', ['&&', '||', ')']],
    ['(http.method in [GET] |', ['&&', '||', ')']],
    ['(tls.resumed) |', ['&&', '||']],
    ['http.method == GET GET |', []],
  ])('offers after %s', (marked, texts) => expect(offered(marked)).toEqual(texts));

  it('offers every field, and the functions, where one is due and nothing is there yet', () => {
    const fields = FIELDS.filter(({ name }) => !name.startsWith('span.')).map(({ name }) => name);
    expect(offered('|', 1_000)).toEqual([...fields, 'any()', 'lower()', 'span("")']);
    expect(offered('http.method == GET &&|', 1_000)).toEqual(offered('|', 1_000));
    expect(offered('|').length).toBe(COMPLETIONS_MAX);
    expect(offered('|', 3).length).toBe(3);
  });

  it('says of a field what type it has and when it is known', () => {
    const [completion] = completionsAt('http.resp', 9);
    expect(completion).toMatchObject({
      kind: 'field',
      label: 'http.response.status_code',
      detail: 'int, known at response',
      field: { name: 'http.response.status_code', measures: null },
      from: 0,
      to: 9,
    });
  });

  it('offers without names what there is without them', () => {
    expect(completionsAt('service.name == ', 16)).toEqual([]);
    expect(completionsAt('span("kong.access', 17).map(({ label }) => label)).toEqual([
      'kong.access.plugin.*',
    ]);
  });

  it('offers of operators those that a field of the type takes, and no others', () => {
    const values = { string: '"a"', int: '1', double: '1', boolean: 'true', ip: '10.0.0.1' };
    for (const { written, type } of FIELDS) {
      const field = written.replace('<name>', written.startsWith('span') ? 'kong.dns' : '0');
      const taken = OPERATORS.map(({ operator }) => operator).filter((operator) => {
        const network = type === 'ip' ? '10.0.0.0/8' : values[type];
        const value = operator.endsWith('in')
          ? `[${network}]`
          : operator === '~' && type !== 'string'
            ? '1'
            : values[type];
        return compileRule(`${field} ${operator} ${value}`).ok;
      });
      const operators = completionsAt(`${field} `, field.length + 1).filter(
        ({ kind }) => kind === 'operator',
      );
      expect([field, ...operators.map(({ text }) => text)]).toEqual([field, ...taken]);
    }
  });

  it('never throws, and replaces what is before the caret alone', () => {
    const anyPlace = fc.tuple(fc.oneof(expression.map(print), fc.string({ unit: 'binary' })), fc.nat());
    fc.assert(
      fc.property(anyPlace, ([text, place]) => {
        const caret = place % (text.length + 1);
        for (const completion of completionsAt(text, caret, KNOWN)) {
          expect(completion.from).toBeLessThanOrEqual(caret);
          expect(completion.to).toBe(caret);
          const after = complete(text, completion);
          expect(after.text.endsWith(text.slice(caret))).toBe(true);
          expect(after.text.startsWith(text.slice(0, completion.from))).toBe(true);
          expect(after.caret).toBeLessThanOrEqual(completion.from + completion.text.length);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('complete()', () => {
  it.each([
    ['http.meth¦ == GET', 'http.method¦ == GET'],
    ['any(http.hea¦)', 'any(http.headers.¦)'],
    ['spa¦', 'span("¦")'],
    ['lowe¦', 'lower(¦)'],
    ['service.name in o¦', 'service.name in [orders¦]'],
    ['span("kong.dn¦', 'span("kong.dns"¦'],
    ['span("kong.dns").d¦ > 5ms', 'span("kong.dns").duration¦ > 5ms'],
  ])('makes of %s %s', (before, after) => expect(taken(before)).toBe(after));
});
