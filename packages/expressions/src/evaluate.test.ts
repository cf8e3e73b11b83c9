import { BlockList, isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expression as anyExpression } from '../testing/arbitraries.ts';
import { type Fact, Facts, factReaders } from '../testing/facts.ts';
import type { Expression, Literal, Operator } from './ast.ts';
import type { BoundRule } from './bind.ts';
import { compileRule } from './compile.ts';
import type { SpanFacts } from './field-readers.ts';
import { FIELDS } from './field-table.ts';
import { type ResolvedField, resolveField, STAGES, type Stage } from './fields.ts';
import { print } from './print.ts';
import { MATCH, NO_MATCH, NOT_YET } from './verdict.ts';

function compiled(text: string): BoundRule<Facts> & { readonly decidedAt: Stage } {
  const compilation = compileRule(text);
  if (!compilation.ok) throw new Error(`${text}: ${JSON.stringify(compilation.diagnostics)}`);
  const { rule } = compilation;
  return { ...rule.bind(factReaders), decidedAt: rule.decidedAt };
}

const REQUEST: Readonly<Record<string, Fact>> = {
  'http.method': 'GET',
  'http.host': 'API.example.com',
  'http.path': '/v1/users/7',
  'http.path.segments.0': 'v1',
  'http.path.segments.len': 3,
  'http.headers.accept': ['text/html', 'text/plain'],
  'http.headers.x_debug': ['1'],
  'http.queries.Tag': ['a', 'B'],
  'net.src.ip': '10.1.2.3',
  'net.dst.ip': '2001:db8::1',
  'net.src.port': 40_122,
  'tls.resumed': false,
  'http.response.status_code': 503,
  'proxy.kong.latency.total': 250.5,
  'proxy.kong.latency.net_io_timings': [3, 60],
  'proxy.kong.latency.net_io_timings.ip': ['10.0.0.9', '10.0.1.9'],
};
const SPANS: readonly SpanFacts[] = [
  { name: 'kong', durationMs: 250.5, failed: false },
  { name: 'kong.access.plugin.key-auth', durationMs: 2, failed: false },
  { name: 'kong.access.plugin.rate-limiting', durationMs: 7, failed: true },
  { name: 'kong.upstream.find_upstream', durationMs: 1, failed: true },
  { name: 'kong.upstream.find_upstream', durationMs: 3, failed: true },
];

describe('a rule', () => {
  it.each<[string, boolean]>([
    ['http.method == GET', true],
    ['http.method == "get"', false],
    ['http.method != GET', false],
    ['http.method in [PUT, GET]', true],
    ['http.method not in [PUT, GET]', false],
    ['http.method in ["get"]', false],
    ['http.path ^= "/v1"', true],
    ['http.path ^= "v1"', false],
    ['http.path =^ "/7"', true],
    ['http.path =^ "/v1"', false],
    ['http.path contains "users"', true],
    ['http.path contains "Users"', false],
    ['http.path ~ r#"^/v\\d+/users"#', true],
    ['http.path ~ "users"', true],
    ['http.path ~ "^users"', false],
    ['http.path ~ "(?i)USERS"', true],
    // lower() lowers the field, not the constant.
    ['lower(http.host) == "api.example.com"', true],
    ['lower(http.host) == "API.example.com"', false],
    ['http.path.segments.0 == v1', true],
    ['http.path.segments.9 == v1', false],
    ['http.path.segments.len == 3', true],
    ['http.path.segments.len > 3', false],
    ['http.path.segments.len >= 3', true],
    ['http.path.segments.len < 3', false],
    ['http.path.segments.len <= 3', true],
    ['http.path.segments.len in [1, 3]', true],
    ['http.path.segments.len not in [1, 3]', false],
    ['proxy.kong.latency.total > 250ms', true],
    ['proxy.kong.latency.total > 0.2505s', false],
    // Every value must satisfy it, any() asks for one.
    ['http.headers.accept ^= "text/"', true],
    ['http.headers.accept == "text/html"', false],
    ['any(http.headers.accept) == "text/html"', true],
    ['http.headers.accept != "text/html"', false],
    ['any(http.headers.accept) != "text/html"', true],
    ['any(http.headers.accept) in ["text/plain"]', true],
    ['http.headers["X-Debug"] == "1"', true],
    ['http.headers.x-debug == "1"', true],
    ['any(lower(http.queries.Tag)) == b', true],
    ['any(http.queries.tag) == a', false],
    // What is absent satisfies nothing.
    ['http.headers.cookie == x', false],
    ['http.headers.cookie != x', false],
    ['any(http.headers.cookie) != x', false],
    ['http.headers.cookie not in [x]', false],
    ['http.headers.cookie ~ ""', false],
    ['consumer.id != x', false],
    ['!(consumer.id == x)', true],
    ['proxy.kong.upstream_status_code != 200', false],
    ['proxy.kong.upstream_status_code not in [200]', false],
    ['!(proxy.kong.upstream_status_code >= 100) && http.response.status_code == 503', true],
    ['tls.resumed', false],
    ['!tls.resumed', true],
    ['tls.resumed == false', true],
    ['tls.resumed != false', false],
    ['proxy.kong.client_KA', false],
    ['proxy.kong.client_KA != true', false],
    ['net.src.ip == 10.1.2.3', true],
    ['net.src.ip != 10.1.2.3', false],
    ['net.src.ip in 10.0.0.0/8', true],
    ['net.src.ip not in 10.0.0.0/8', false],
    ['net.src.ip in [192.168.0.0/16, 10.1.0.0/16]', true],
    ['net.dst.ip == 2001:0DB8:0:0::1', true],
    ['net.dst.ip in 2001:db8::/32', true],
    // Across families == and in are false, != and not in are true.
    ['net.src.ip == ::1', false],
    ['net.src.ip != ::1', true],
    ['net.src.ip in ::/0', false],
    ['net.src.ip not in ::/0', true],
    ['net.src.ip == ::ffff:10.1.2.3', false],
    ['any(proxy.kong.latency.net_io_timings) > 50ms', true],
    ['proxy.kong.latency.net_io_timings > 50ms', false],
    ['proxy.kong.latency.net_io_timings.ip in 10.0.0.0/16', true],
    ['any(proxy.kong.latency.net_io_timings.rw_time) >= 0', false],
    ['span("kong.access.plugin.rate-limiting").duration > 5ms', true],
    ['span("kong.access.plugin.*").duration > 5ms', false],
    ['any(span("kong.access.plugin.*").duration) > 5ms', true],
    ['span("kong.*.plugin.*limit*").duration > 5ms', true],
    ['span("*").duration > 0.5ms', true],
    ['span("kong.upstream.find_upstream").count > 1', true],
    ['span("kong.dns").count == 0', true],
    ['span("kong.dns").duration >= 0', false],
    ['span("kong.upstream.find_upstream").error', true],
    ['span("kong.access.*").error', false],
    ['any(span("kong.access.*").error)', true],
    ['any(span("kong.access.*").error) == false', true],
    ['span("kong.dns").error', false],
    ['span("kong.dns").error != true', false],
    ['span(kong.router).count < 1', true],
    // || binds tighter than &&.
    ['http.method == PUT && tls.resumed || http.path ^= "/"', false],
    ['(http.method == PUT && tls.resumed) || http.path ^= "/"', true],
  ])('%s is %s', (text, matches) => {
    expect(compiled(text).matches(new Facts(REQUEST, { spans: SPANS }))).toBe(matches);
  });

  it('takes an address that is none for absent', () => {
    const rule = compiled('net.src.ip != 10.0.0.1');
    expect([rule.matches(new Facts({ 'net.src.ip': 'unix:' })), rule.matches(new Facts({}))]).toEqual([
      false,
      false,
    ]);
  });

  it.each<[string, string]>([
    ['http.method == GET', '?1'],
    ['http.response.status_code == 503', '????1'],
    ['http.response.status_code == 500', '????0'],
    ['http.method == PUT && http.response.status_code == 503', '?0'],
    ['http.response.status_code == 503 && http.method == PUT', '?0'],
    ['http.method == GET || http.response.status_code == 500', '?1'],
    ['!(http.method == PUT && proxy.kong.latency.total > 1)', '?1'],
    ['!(http.response.status_code == 503)', '????0'],
    ['tls.resumed', '0'],
    ['route.name == x || consumer.id == y', '???0'],
    ['span("kong.router").count == 0', '?????1'],
  ])('%s is decided as soon as it can be', (text, stages) => {
    const rule = compiled(text);
    const signs = { [MATCH]: '1', [NO_MATCH]: '0', [NOT_YET]: '?' };
    const shown = STAGES.map(
      (_, stage) => signs[rule.evaluate(stage, atStage(new Facts(REQUEST), stage))],
    ).join('');
    expect(shown).toBe(stages.padEnd(STAGES.length, stages.at(-1)));
  });
});

function atStage(request: Facts, stage: number): Facts {
  return new Facts(request.facts, { spans: request.spans, stage });
}

/** The verdict of the semantics as they are written down; null while it depends on what is not known yet. */
function naive(expression: Expression, stage: number, request: Facts): boolean | null {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const sides = [expression.left, expression.right].map((side) => naive(side, stage, request));
      const settling = expression.kind === 'or';
      if (sides.includes(settling)) return settling;
      return sides.includes(null) ? null : !settling;
    }
    case 'not': {
      const verdict = naive(expression.operand, stage, request);
      return verdict === null ? null : !verdict;
    }
    case 'field':
    case 'predicate': {
      const { field, any, lower } = expression.subject;
      const resolved = resolveField(field)!;
      const { definition } = resolved;
      if (STAGES.indexOf(definition.stage) > stage) return null;
      const fact = factOf(resolved, request);
      if (fact === undefined) return false;
      const values = Array.isArray(fact) ? (fact as readonly Fact[]) : [fact];
      if (expression.kind === 'field')
        return values.length > 0 && (any ? values.includes(true) : !values.includes(false));
      const verdicts = values.map((value) =>
        holds(definition.type === 'ip', lower ? String(value).toLowerCase() : value, expression),
      );
      return verdicts.length > 0 && (any ? verdicts.includes(true) : !verdicts.includes(false));
    }
  }
}

function factOf(
  { definition: { name }, argument }: ResolvedField,
  { facts, spans }: Facts,
): Fact | undefined {
  if (name.startsWith('span.')) {
    const pattern = new RegExp(
      `^${argument
        .split('*')
        .map((piece) => piece.replaceAll(/[."]/g, '\\$&'))
        .join('.*')}$`,
      's',
    );
    const meant = spans.filter((span) => pattern.test(span.name));
    if (name === 'span.count') return meant.length;
    return meant.map(({ durationMs, failed }) =>
      name === 'span.error' ? failed : durationMs,
    ) as readonly number[];
  }
  return facts[name + (name.endsWith('.headers.') ? argument.replaceAll('-', '_') : argument)];
}

function holds(
  isAddress: boolean,
  value: Fact,
  { operator, literal }: { readonly operator: Operator; readonly literal: Literal },
): boolean {
  const constants = (literal.kind === 'list' ? literal.items : [literal]).map(
    (item) => (item as { value: Fact }).value,
  );
  const [constant] = constants as [Fact];
  const equals = (other: Fact) => (isAddress ? isWithin(String(value), `${other}`) : value === other);
  switch (operator) {
    case '==':
      return equals(constant);
    case '!=':
      return !equals(constant);
    case 'in':
      return constants.some(equals);
    case 'not in':
      return !constants.some(equals);
    case '^=':
      return String(value).indexOf(String(constant)) === 0;
    case '=^':
      return String(value).slice(Math.max(0, String(value).length - String(constant).length)) === constant;
    case 'contains':
      return String(value).indexOf(String(constant)) >= 0;
    case '~': {
      const isCaseless = String(constant).startsWith('(?i)');
      return new RegExp(String(constant).replace('(?i)', ''), isCaseless ? 'iu' : 'u').test(String(value));
    }
    case '>':
      return value > constant;
    case '>=':
      return value >= constant;
    case '<':
      return value < constant;
    case '<=':
      return value <= constant;
  }
}

/** Whether an address is, or lies in, what is written. */
function isWithin(address: string, written: string): boolean {
  const [base, prefix] = written.split('/') as [string, string | undefined];
  if (isIPv4(address) !== isIPv4(base) || isIPv6(address) !== isIPv6(base)) return false;
  const family = isIPv4(base) ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(base, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
  return list.check(address, family);
}

const text = fc.constantFrom(
  '',
  'a',
  'A',
  'ab',
  'aba',
  'b',
  'GET',
  '/orders',
  '/v1',
  '1',
  'true',
  '10.0.0.1',
  'É"\\\n\r\t',
);
const anyValueOf: Readonly<Record<string, fc.Arbitrary<Fact>>> = {
  string: text,
  int: fc.integer({ min: -3, max: 600 }),
  double: fc.constantFrom(-2.25, 0, 1.5, 15, 31, 600),
  boolean: fc.boolean(),
  ip: fc.constantFrom('10.0.0.1', '192.168.1.7', '8.8.8.8', '::1', '2001:db8::1', '2001:db8::2'),
};
const ARGUMENTS = ['x_debug', 'host', 'a b', 'ü', '0', '1', '0_1', 'content_type', 'debug', 'User-Id'];
const names = FIELDS.flatMap((field) =>
  field.wildcard
    ? ARGUMENTS.map((argument) => [field.name + argument, field] as const)
    : [[field.name, field] as const],
);
/** Some facts of a request, often such that a rule of {@link anyExpression} is true of them. */
const facts = fc.record(
  Object.fromEntries(
    names.map(([name, { type, multiple }]) => [
      name,
      multiple ? fc.array(anyValueOf[type]!, { maxLength: 3 }) : anyValueOf[type]!,
    ]),
  ),
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, Fact>>;
const spans: fc.Arbitrary<SpanFacts[]> = fc.array(
  fc.record({
    name: fc.constantFrom(
      'kong',
      'kong.dns',
      'kong.io.redis.get',
      'kong.access.plugin.a"b',
      'kong.upstream.selection',
    ),
    durationMs: fc.constantFrom(0, 1.5, 15, 31, 600),
    failed: fc.boolean(),
  }),
  { maxLength: 5 },
);
const anyRequest = fc.tuple(facts, spans).map(([record, list]) => new Facts(record, { spans: list }));

describe('any rule', () => {
  it('agrees at every stage with the semantics as they are written down, and asks for nothing too early', () => {
    fc.assert(
      fc.property(anyExpression, anyRequest, (expression, request) => {
        const rule = compiled(print(expression));
        for (let stage = 0; stage < STAGES.length; stage++) {
          const expected = naive(expression, stage, request);
          expect(rule.evaluate(stage, atStage(request, stage))).toBe(
            expected === null ? NOT_YET : expected ? MATCH : NO_MATCH,
          );
        }
        expect(rule.matches(request)).toBe(naive(expression, STAGES.length - 1, request));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never takes a decision back, and has decided at the stage it names', () => {
    fc.assert(
      fc.property(anyExpression, anyRequest, (expression, request) => {
        const rule = compiled(print(expression));
        const verdicts = STAGES.map((_, stage) => rule.evaluate(stage, atStage(request, stage)));
        const decided = verdicts.filter((verdict) => verdict !== NOT_YET);
        expect(verdicts).toEqual([...Array(verdicts.length - decided.length).fill(NOT_YET), ...decided]);
        expect(new Set(decided).size).toBe(1);
        expect(verdicts[STAGES.indexOf(rule.decidedAt)]).not.toBe(NOT_YET);
      }),
      { numRuns: 1_000 },
    );
  });
});
