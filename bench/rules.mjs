/**
 * `npm run bench:rules`: what compiling and asking sampling rules costs, beside predicates written by hand and beside ATC (Kong's router, as
 * WebAssembly). Rules and predicates read the same request through the gateway's own readers. Rounds are interleaved; medians count.
 *
 *   --rounds N      rounds (default: 15)
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { median } from './support/median.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const ROUNDS = Number(values.rounds);
/** Milliseconds a measurement takes at least. */
const MEASURED_MS = 20;
/** A compiled rule may cost as many times a predicate written by hand. */
const RATIO_MAX = 2;
/** Nanoseconds of a rule that the route decides. */
const ROUTE_NS_MAX = 200;

const home = fileURLToPath(new URL('..', import.meta.url));
const code = await load();
const { compileRule, STAGES, NOT_YET } = code;

/** Each rule, the same in ATC where ATC can say it, and by hand; asked when the stage is reached, without and with a match. */
const RULES = [
  {
    name: 'route',
    rule: 'route.name == "checkout"',
    byHand: ({ request }) => request.route !== null && request.route.name === 'checkout',
    isDecidedByRoute: true,
  },
  {
    name: 'status',
    rule: 'http.response.status_code == 503',
    byHand: ({ request }) => request.status === 503,
  },
  {
    name: 'method and path',
    rule: 'http.method == "GET" && http.path ^= "/orders"',
    isAtc: true,
    byHand: (facts) => facts.request.method === 'GET' && facts.path.startsWith('/orders'),
  },
  {
    name: 'status and latency',
    rule: 'http.response.status_code >= 500 && proxy.kong.latency.total > 250ms',
    byHand: (facts) =>
      facts.request.status !== null && facts.request.status >= 500 && facts.latencies.total > 250,
  },
  {
    name: 'list',
    rule: 'http.method in [PUT, POST, PATCH] || http.response.status_code in [500, 502, 503, 504]',
    byHand: ({ request }) =>
      ['PUT', 'POST', 'PATCH'].includes(request.method) || [500, 502, 503, 504].includes(request.status),
  },
  {
    name: 'pattern',
    rule: 'http.path ~ r#"^/v\\d+/users"#',
    isAtc: true,
    byHand: (facts) => /^\/v\p{Nd}+\/users/u.test(facts.path),
  },
  {
    name: 'header and network',
    rule: 'any(http.headers.x_debug) == "1" && net.src.ip in 10.0.0.0/8',
    isAtc: true,
    byHand: ({ requestHeaders, request }) =>
      requestHeaders.getAll('x-debug').some((value) => value === '1') && isInTen(request.clientAddress),
  },
];

const checkout = { id: 'r1', name: 'checkout' };
const REQUESTS = [
  request({
    method: 'GET',
    rawPath: '/orders/7',
    status: 503,
    route: checkout,
    debug: '1',
    address: '10.1.2.3',
  }),
  request({
    method: 'POST',
    rawPath: '/v12/users/9',
    status: 200,
    route: { id: 'r2', name: 'other' },
    debug: '1',
    address: '192.168.1.7',
  }),
  request({
    method: 'GET',
    rawPath: '/static/app.js',
    status: 404,
    route: null,
    debug: null,
    address: '10.9.9.9',
  }),
  request({
    method: 'PATCH',
    rawPath: '/v2/users',
    status: 500,
    route: checkout,
    debug: '0',
    address: '2001:db8::1',
  }),
];
const facts = new code.RequestFacts();
const atc = await loadAtc();

let missed = 0;
// A gateway compiles a rule once and asks it ever after: compiling is measured behind all asking, which its garbage would slow.
const rows = RULES.map(asking).map((row) => ({ ...row, ...compiling(row) }));
process.stdout.write(
  `\n${'rule'.padEnd(20)} ${['ns', 'by hand', 'ratio', 'not yet', 'ATC', 'compile µs', 'ATC µs'].map((title) => title.padStart(10)).join(' ')}\n`,
);
for (const { name, ns, byHand, notYet, atcNs, compileUs, atcCompileUs, isDecidedByRoute } of rows) {
  const ratio = ns / byHand;
  const isMet = isDecidedByRoute ? ns < ROUTE_NS_MAX : ratio < RATIO_MAX;
  if (!isMet) missed++;
  const numbers = [
    ns.toFixed(1),
    byHand.toFixed(1),
    ratio.toFixed(2),
    notYet.toFixed(1),
    atcNs?.toFixed(0),
    compileUs.toFixed(1),
    atcCompileUs?.toFixed(1),
  ];
  process.stdout.write(
    `${name.padEnd(20)} ${numbers.map((number) => (number ?? '').padStart(10)).join(' ')}${isMet ? '' : '  missed'}\n`,
  );
}
process.exitCode = missed > 0 ? 1 : 0;

function asking({ name, rule, byHand, isAtc = false, isDecidedByRoute = false }) {
  const { rule: compiled } = compileRule(rule);
  const bound = compiled.bind(code.requestReaders);
  const end = STAGES.indexOf('end');
  const stage = STAGES.indexOf(compiled.decidedAt);
  REQUESTS.forEach(([record, traced], index) => {
    const expected = byHand(facts.of(record, traced));
    if (
      bound.matches(facts.of(record, traced)) !== expected ||
      bound.evaluate(end, facts) !== Number(expected)
    )
      throw new Error(`${rule} is not what was written by hand, of request ${index}`);
  });
  if (stage > 0 && bound.evaluate(0, facts) !== NOT_YET) throw new Error(`${rule} is known too early`);
  const contests = {
    ns: () => perRequest((request) => bound.evaluate(stage, request)),
    byHand: () => perRequest(byHand),
    // What a request pays that the rule knows nothing of yet.
    notYet: () => perRequest((request) => (bound.learnsSince(-1, 0) ? bound.evaluate(0, request) : NOT_YET)),
    ...(isAtc ? { atcNs: () => atc.ask(rule) } : {}),
  };
  return { name, rule, isAtc, isDecidedByRoute, ...mediansOf(contests) };
}

function compiling({ rule, isAtc }) {
  return mediansOf({
    compileUs: () => nanoseconds(() => compileRule(rule)) / 1_000,
    ...(isAtc ? { atcCompileUs: () => nanoseconds(() => atc.compile(rule)) / 1_000 } : {}),
  });
}

function mediansOf(contests) {
  const taken = Object.fromEntries(Object.keys(contests).map((contest) => [contest, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [contest, run] of Object.entries(contests)) taken[contest].push(run());
  return Object.fromEntries(Object.entries(taken).map(([contest, list]) => [contest, median(list)]));
}

/** Nanoseconds that asking about a request takes, one request after the other. */
function perRequest(ask) {
  return (
    nanoseconds(() => {
      for (const [record, traced] of REQUESTS) if (ask(facts.of(record, traced)) === null) throw new Error();
    }) / REQUESTS.length
  );
}

function nanoseconds(run) {
  let calls = 0;
  const started = performance.now();
  let now = started;
  while (now - started < MEASURED_MS) {
    for (let call = 0; call < 100; call++) run();
    calls += 100;
    now = performance.now();
  }
  return ((now - started) / calls) * 1e6;
}

function isInTen(address) {
  const match = /^(\d+)\.\d+\.\d+\.\d+$/.exec(address);
  return match !== null && match[1] === '10';
}

/** A record and a request as the gateway has them when a request is over. */
function request({ method, rawPath, status, route, debug, address }) {
  const headers = new code.Headers();
  headers.append('Host', 'api.example.com');
  headers.append('User-Agent', 'curl/8.5.0');
  headers.append('Accept', '*/*');
  if (debug !== null) headers.append('X-Debug', debug);
  const record = code.RequestRecord.take(0, undefined);
  const traced = {
    method,
    rawPath,
    status,
    route,
    requestHeaders: headers,
    clientAddress: address,
    startMs: 0,
    endMs: 300,
  };
  return [record, traced];
}

async function load() {
  const { outputFiles } = await build({
    absWorkingDir: home,
    stdin: {
      resolveDir: home,
      contents: `
        export { compileRule, NOT_YET, STAGES } from './packages/expressions/src/index.ts';
        export { requestReaders } from './packages/gateway/src/tracing/request-readers.ts';
        export { RequestFacts } from './packages/gateway/src/tracing/request-facts.ts';
        export { RequestRecord } from './packages/gateway/src/tracing/request-record.ts';
        export { Headers } from './packages/http1/src/headers.ts';`,
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(join(home, 'package.json'))});`,
    },
  });
  return await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
}

/** Kong's router, asked as Kong asks it: with a context of the request's fields. */
async function loadAtc() {
  const folder = dirname(createRequire(import.meta.url).resolve('@kong/atc-router/package.json'));
  const bindings = await import(pathToFileURL(join(folder, 'atc-router_bg.js')).href);
  const { instance } = await WebAssembly.instantiate(readFileSync(join(folder, 'atc-router_bg.wasm')), {
    './atc-router_bg.js': bindings,
  });
  bindings.__wbg_set_wasm(instance.exports);
  const schema = new bindings.Schema();
  schema.addField('http.method', 'String');
  schema.addField('http.path', 'String');
  schema.addField('http.headers.x_debug', 'String');
  schema.addField('net.src.ip', 'IpAddr');
  const id = '5f7a1f0e-4f0b-4b0e-8f3a-0d8b0c7f4f11';
  const compile = (rule) => {
    const router = new bindings.Router(schema);
    router.addMatcher(1, id, rule);
    router.free();
  };
  const ask = (rule) => {
    const router = new bindings.Router(schema);
    router.addMatcher(1, id, rule);
    const wants = (name) => rule.includes(name);
    const taken = perRequest(({ request, path }) => {
      const context = new bindings.Context(schema);
      if (wants('http.method')) context.addValue('http.method', { String: request.method });
      if (wants('http.path')) context.addValue('http.path', { String: path });
      if (wants('x_debug'))
        for (const value of request.requestHeaders.getAll('x-debug'))
          context.addValue('http.headers.x_debug', { String: value });
      if (wants('net.src.ip')) context.addValue('net.src.ip', { IpAddr: request.clientAddress });
      const result = router.execute(context);
      context.free();
      return result;
    });
    router.free();
    return taken;
  };
  return { compile, ask };
}
