import { describe, expect, it } from 'vitest';
import { compileRule } from './compile.ts';
import { FIELDS } from './field-table.ts';
import { nearest } from './suggestion.ts';
import { PATTERN_CHARACTERS_MAX } from './value-tests.ts';

/** What was said of a rule, as `line:column+length message (suggestion)`. */
function told(text: string): string[] {
  const compilation = compileRule(text);
  return (compilation.ok ? compilation.rule.warnings : compilation.diagnostics).map(
    ({ line, column, length, message, severity, suggestion }) =>
      `${line}:${column}+${length} ${severity === 'warning' ? 'warning: ' : ''}${message}${suggestion === null ? '' : ` (${suggestion})`}`,
  );
}

describe('compileRule()', () => {
  it.each([
    'http.method == GET',
    'http.response.status_code==503',
    'http.path ^= "/orders" && proxy.kong.latency.total > 250ms',
    'any(http.headers.x_debug) == "1" && net.src.ip in 10.0.0.0/8',
    'http.path ~ r#"^/v\\d+/users"#',
    '!(proxy.kong.upstream_status_code >= 100) && http.response.status_code == 500',
    'tls.sni =^ ".example.com" && !(http.method in [GET, HEAD])',
    'net.src.ip == "10.0.0.1" || net.src.ip != ::1',
    'net.src.ip not in [10.0.0.0/8, "fe80::/10"]',
    'lower(http.headers["X-Debug"]) contains "yes"',
    'tls.resumed && proxy.kong.client_KA != false',
    'http.path.segments.0_1 == "api/v1" && http.path.segments.len <= 0x10',
    'http.request.body.size > 1.5mb && http.response.size >= 10kb',
    'proxy.kong.latency_total_ms > 1s',
    'proxy.kong.router.route_id == "x" || proxy.kong.consumer_id == "y"',
    'http.queries["a b"] == ""',
    'span("kong.access.plugin.rate-limiting").duration > 5ms',
    'any(span("kong.io.*").duration) > 50ms || span("kong.upstream.find_upstream").count > 1',
    '!(span(kong.router).error) && any(span("*.plugin.*").error)',
    'proxy.kong.latency.internal > 5ms && any(proxy.kong.latency.net_io_timings) > 0',
  ])('takes %s', (text) => {
    expect(compileRule(text).ok).toBe(true);
    expect(told(text)).toEqual([]);
  });

  it('takes the example of every field', () => {
    expect(FIELDS.flatMap(({ example }) => told(example))).toEqual([]);
  });

  it.each<[string, string[]]>([
    ['', ['1:1+1 the rule is empty (for example: http.response.status_code == 503)']],
    ['http.methd == GET', ['1:1+10 unknown field http.methd (did you mean http.method?)']],
    [
      'http.respons.status_code == 503',
      ['1:1+24 unknown field http.respons.status_code (did you mean http.response.status_code?)'],
    ],
    [
      'http.header.x_debug == "1"',
      ['1:1+19 unknown field http.header.x_debug (did you mean http.headers.x_debug?)'],
    ],
    [
      'lower(http.headrs["X-Debug"]) == "1"',
      ['1:1+29 unknown field http.headrs.X-Debug (did you mean http.headers.x_debug?)'],
    ],
    [
      'http.query.user-id == 1',
      ['1:1+18 unknown field http.query.user-id (did you mean http.queries.user-id?)'],
    ],
    ['completely.different == 1', ['1:1+20 unknown field completely.different']],
    ['http.headers. == x', ['1:1+13 unknown field http.headers. (did you mean http.headers.<name>?)']],
    ['http.headers[""] == x', ['1:1+16 unknown field http.headers. (did you mean http.headers.<name>?)']],
    [
      'http.path.segments.x == "a"',
      ['1:1+20 unknown field http.path.segments.x (did you mean http.path.segments.len?)'],
    ],
    [
      'span("kong.acess.plugin.my-own").duration > 5ms',
      ['1:1+41 no span is called kong.acess.plugin.my-own (did you mean kong.access.plugin.my-own?)'],
    ],
    ['span("kong.routr").count > 1', ['1:1+24 no span is called kong.routr (did you mean kong.router?)']],
    ['span("http*").error', ['1:1+19 no span is called http*']],
    [`span("${'a'.repeat(201)}").error`, ["1:1+215 a span's name has 200 characters at most"]],
    ['span("kong").size > 1', ['1:13+5 a span has no .size (a span has .duration, .count, .error)']],
    [
      'span("kong") > 1',
      ['1:14+1 expected .duration, .count, .error, got > (for example: span("kong.router").duration)'],
    ],
    [
      'span() && http.metod == GET',
      [
        '1:6+1 expected the name of a span, got ) (for example: span("kong.router").duration)',
        '1:11+10 unknown field http.metod (did you mean http.method?)',
      ],
    ],
    ['span("kong"', ['1:12+1 expected ), got the end (for example: span("kong.router").duration)']],
    ['span.count > 1', ['1:1+10 unknown field span.count (did you mean span("kong.router").duration?)']],
    ['span["x"] > 1', ['1:1+9 unknown field span.x (did you mean span("kong.router").duration?)']],
    [
      'span("kong").duration > 5kb',
      ['1:25+3 span("kong").duration is no size (times are written in ns, us, ms, s, m, h)'],
    ],
    [
      'span("kong").count',
      [
        '1:1+18 span("kong").count is compared with something (for example: span("kong.upstream.find_upstream").count > 1)',
      ],
    ],
    ['lower(span("kong").error)', ['1:1+25 lower() is for texts, span("kong").error is a boolean']],
    ['constructor == 1', ['1:1+11 unknown field constructor']],
    ['http.method', ['1:1+11 http.method is compared with something (for example: http.method == GET)']],
    ['a && b', ['1:1+1 unknown field a', '1:6+1 unknown field b']],
    [
      'http.method > "a"',
      ['1:15+3 http.method > does not take this value (texts know == != ^= =^ ~ contains in, not >)'],
    ],
    ['http.method == 5', ['1:16+1 http.method == does not take this value (a text is due, in quotes)']],
    ['http.host == 10.0.0.1', ['1:14+8 http.host == does not take this value (a text is due, in quotes)']],
    ['http.method == true', ['1:16+4 http.method == does not take this value (a text is due, in quotes)']],
    [
      'http.method in "GET"',
      ['1:16+5 http.method in does not take this value (in takes a list: ["a", "b"])'],
    ],
    ['http.method in [GET, 5]', ['1:22+1 http.method in does not take this value (the list holds texts)']],
    ['http.method == [GET]', ['1:16+5 http.method == does not take this value (a text is due, in quotes)']],
    ['net.src.port == "80"', ['1:17+4 net.src.port == does not take this value (a number is due)']],
    [
      'net.src.port ~ 80',
      ['1:16+2 net.src.port ~ does not take this value (numbers know == != > >= < <= in, not ~)'],
    ],
    ['net.src.port in 80', ['1:17+2 net.src.port in does not take this value (in takes a list: [502, 503])']],
    ['net.src.port in [80, x]', ['1:22+1 net.src.port in does not take this value (the list holds numbers)']],
    [
      'net.src.ip == "localhost"',
      [
        '1:15+11 net.src.ip == does not take this value (addresses know == and != with an address, in and not in with a network)',
      ],
    ],
    [
      'net.src.ip == 10.0.0.0/8',
      [
        '1:15+10 net.src.ip == does not take this value (addresses know == and != with an address, in and not in with a network)',
      ],
    ],
    [
      'net.src.ip ^= "10."',
      [
        '1:15+5 net.src.ip ^= does not take this value (addresses know == and != with an address, in and not in with a network)',
      ],
    ],
    [
      'net.src.ip in 10.0.0.1',
      ['1:15+8 net.src.ip in does not take this value (a network is due, such as 10.0.0.0/8)'],
    ],
    [
      'net.src.ip in 10.0.0.1/8',
      ['1:15+10 net.src.ip in does not take this value (bits behind the prefix are set)'],
    ],
    ['net.src.ip in "10.0.0.0/x"', ['1:15+12 net.src.ip in does not take this value (/x is no prefix)']],
    ['net.src.ip in [10.0.0.0/8, 5]', ['1:28+1 net.src.ip in does not take this value (a network is due)']],
    [
      'tls.resumed == "true"',
      [
        '1:16+6 tls.resumed == does not take this value (a boolean is compared by == or != with true or false)',
      ],
    ],
    [
      'tls.resumed > true',
      [
        '1:15+4 tls.resumed > does not take this value (a boolean is compared by == or != with true or false)',
      ],
    ],
    ['lower(net.src.port) == 80', ['1:1+19 lower() is for texts, net.src.port is an int']],
    ['lower(tls.resumed)', ['1:1+18 lower() is for texts, tls.resumed is a boolean']],
    [
      'http.path ~ "(?=a)"',
      [
        '1:13+7 invalid pattern: there is no look-around, at its character 3 (what a request waits for may take no longer than its text is long)',
      ],
    ],
    [
      'http.path ~ "(a)\\\\1"',
      [
        '1:13+8 invalid pattern: there are no back-references, at its character 4 (what a request waits for may take no longer than its text is long)',
      ],
    ],
    ['http.path ~ "("', ['1:13+3 invalid pattern: the group has no closing ), at its character 1']],
    ['http.response.status_code == 5s', ['1:30+2 http.response.status_code is no time']],
    ['net.src.port > 10kb', ['1:16+4 net.src.port is no size']],
    ['http.request.size > 1m', ['1:21+2 http.request.size is no time (sizes are written in b, kb, mb, gb)']],
    [
      'proxy.kong.latency.total in [1s, 2kb]',
      ['1:34+3 proxy.kong.latency.total is no size (times are written in ns, us, ms, s, m, h)'],
    ],
    [
      'any(http.method) == GET && http.metod == PUT',
      [
        '1:1+16 warning: any() changes nothing: http.method has one value',
        '1:28+10 unknown field http.metod (did you mean http.method?)',
      ],
    ],
  ])('refuses %j', (text, diagnostics) => {
    expect(compileRule(text).ok).toBe(false);
    expect(told(text)).toEqual(diagnostics);
  });

  it.each<[string, string[]]>([
    ['any(http.method) == GET', ['1:1+16 warning: any() changes nothing: http.method has one value']],
    [
      'any(span("kong").count) == 1',
      ['1:1+23 warning: any() changes nothing: span("kong").count has one value'],
    ],
    ['any(tls.resumed)', ['1:1+16 warning: any() changes nothing: tls.resumed has one value']],
    [
      'http.method == GET && net.src.port > 1 || tls.resumed',
      [
        '1:20+2 warning: || binds tighter than && here, as in ATC (it is read as http.method == GET && (net.src.port > 1 || tls.resumed))',
      ],
    ],
  ])('warns of %j', (text, warnings) => {
    expect(compileRule(text).ok).toBe(true);
    expect(told(text)).toEqual(warnings);
  });

  it('refuses a pattern that is too long, or too large for its length', () => {
    const rule = (length: number) => `http.path ~ "[${'a'.repeat(length - 2)}]"`;
    expect(told(rule(PATTERN_CHARACTERS_MAX))).toEqual([]);
    expect(told(rule(PATTERN_CHARACTERS_MAX + 1))).toEqual([
      `1:13+${PATTERN_CHARACTERS_MAX + 3} a pattern has ${PATTERN_CHARACTERS_MAX} characters at most`,
    ]);
    expect(told('http.path ~ "(?:ab){240}"')).toEqual([]);
    expect(told('http.path ~ "(a?b?){900}"')).toEqual([
      '1:13+13 invalid pattern: it is too large: 500 steps at most, and what is repeated counts as often as {…} says',
    ]);
  });

  it.each([
    ['net.dst.port == 443', 'connection'],
    ['http.method == GET', 'request'],
    ['http.method == GET || service.name == x', 'route'],
    ['!(consumer.id == x) && net.dst.port == 443', 'consumer'],
    ['http.response.headers.x == a && tls.resumed', 'response'],
    ['proxy.kong.latency.total > 1 && tls.resumed', 'end'],
  ])('knows that %s is decided at the stage %s', (text, stage) => {
    const compilation = compileRule(text);
    expect(compilation.ok && compilation.rule.decidedAt).toBe(stage);
  });

  it.each([
    ['http.response.status_code==503', 'the response status is 503'],
    ['http.method in [GET, "HEAD"]', 'the method is one of GET, HEAD'],
    ['any(lower(http.headers.x_debug)) != "1"', 'some request header x-debug in lower case is not 1'],
    ['http.queries.user_id =^ "7"', 'every query parameter user_id ends with 7'],
    ['http.response.headers.a ^= b', 'every response header a begins with b'],
    ['net.src.ip not in 10.0.0.0/8', "the client's address is none of 10.0.0.0/8"],
    ['tls.resumed != true', 'tls.resumed is not true'],
    ['!(tls.resumed)', 'not (tls.resumed is true)'],
    ['proxy.kong.latency.total > 250ms', 'the total time is more than 250ms'],
    [
      'route.name == a && service.name == b || http.path contains c',
      'the route is a and (the service is b or the path contains c)',
    ],
  ])('reads %s as: %s', (text, reading) => {
    const compilation = compileRule(text);
    expect(compilation.ok && compilation.rule.reading).toBe(reading);
  });
});

describe('nearest()', () => {
  it.each([
    ['metod', 'method'],
    ['hots', 'host'],
    ['xyzzy', null],
    ['', null],
    ['m'.repeat(500), null],
  ])('takes %j for %j', (word, meant) => {
    expect(nearest(word, ['method', 'host', 'path'])).toBe(meant);
  });
});

describe('compileRule() warns', () => {
  it.each<[string, string[]]>([
    [
      'http.response.status_code == 1000',
      ['1:1+33 warning: this never holds: it is a whole number from 100 to 999'],
    ],
    // A status may be missing.
    ['http.response.status_code != 99.5', []],
    ['net.dst.port > 65535', ['1:1+20 warning: this never holds: it is a whole number from 0 to 65535']],
    ['net.dst.port <= 0xFFFF', ['1:1+22 warning: this always holds: it is a whole number from 0 to 65535']],
    ['net.dst.port == 80.5', ['1:1+20 warning: this never holds: it is a whole number from 0 to 65535']],
    [
      'net.dst.port not in [-1, 70000]',
      ['1:1+31 warning: this always holds: it is a whole number from 0 to 65535'],
    ],
    ['net.dst.port in [-1, 443]', []],
    ['http.request.size < 0b', ['1:1+22 warning: this never holds: it is a whole number, 0 or more']],
    ['proxy.kong.latency.total >= 0', ['1:1+29 warning: this always holds: it is a number, 0 or more']],
    ['any(span("kong.dns").duration) < 0ms', ['1:1+36 warning: this never holds: it is a number, 0 or more']],
    // What may be missing is asked for by conditions that every value meets.
    ['proxy.kong.upstream_status_code >= 100', []],
    ['any(http.headers.cookie) contains ""', []],
    ['http.path =^ ""', ['1:1+15 warning: this always holds: the text is empty']],
    ['http.path ^= "orders"', ['1:1+21 warning: this never holds: it begins with /']],
    ['http.path != orders', ['1:1+19 warning: this always holds: it begins with /']],
    ['http.path contains orders', []],
    ['net.protocol == HTTP', ['1:1+20 warning: this never holds: it is one of http, https']],
    ['net.protocol ^= http', []],
    ['http.path.segments.0 == "v1/users"', ['1:1+34 warning: this never holds: a segment holds no /']],
    ['http.path.segments.0_1 == "v1/users"', []],
    [
      'lower(http.host) == "API.example.com"',
      ['1:1+37 warning: this never holds: lower() makes the field lower case, the value is not'],
    ],
    ['lower(http.host) in [A, b]', []],
    [
      'http.path.segments.3_1 == a',
      ['1:1+22 warning: http.path.segments.3_1 never has a value: the range goes downwards'],
    ],
    [
      'http.headers["x debug"] == a',
      ['1:1+23 warning: http.headers.x debug never has a value: no header field can be called that'],
    ],
    [
      'http.method == GET && http.method == PUT',
      ['1:23+18 warning: this never holds together with what is asked of http.method before'],
    ],
    ['http.method == GET || http.method == PUT', []],
    ['http.headers.a == x && http.headers.a == y', []],
    [
      'http.method in [GET, PUT] && http.path == "/" && http.method not in [PUT, GET]',
      ['1:50+29 warning: this never holds together with what is asked of http.method before'],
    ],
    [
      'http.path ^= "/a" && http.path == "/b"',
      ['1:22+17 warning: this never holds together with what is asked of http.path before'],
    ],
    [
      'http.response.status_code >= 500 && http.response.status_code < 500',
      ['1:37+31 warning: this never holds together with what is asked of http.response.status_code before'],
    ],
    ['http.response.status_code >= 500 && http.response.status_code <= 500', []],
    [
      'http.response.status_code < 500 || http.response.status_code >= 500',
      ['1:36+32 warning: this holds wherever what is asked of http.response.status_code before does not'],
    ],
    [
      'http.method != GET || http.method != PUT',
      ['1:23+18 warning: this holds wherever what is asked of http.method before does not'],
    ],
    [
      'tls.resumed && net.dst.port == 1 && tls.resumed',
      ['1:37+11 warning: this is said twice (leave it out)'],
    ],
    [
      'tls.resumed && !tls.resumed',
      ['1:16+12 warning: this never holds together with what is asked of tls.resumed before'],
    ],
    [
      '!tls.resumed || tls.resumed',
      ['1:17+11 warning: this holds wherever what is asked of !(tls.resumed) before does not'],
    ],
  ])('%s', (text, warnings) => {
    expect(told(text)).toEqual(warnings);
  });
});
