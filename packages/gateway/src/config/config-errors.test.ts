import { describe, expect, it } from 'vitest';
import { A_TEST, B_TEST } from '../../../http1/src/testing/certificates.ts';
import { checkConfig } from './check-config.ts';

/** The errors of a configuration, one a line: `line:column path: message (mend)`. */
function errorsOf(text: string): string[] {
  const check = checkConfig(text);
  if (check.ok) return [];
  return check.errors.map(({ line, column, path, message, suggestion }) => {
    const where = path === undefined || path === '' ? '' : `${path}: `;
    return `${line}:${column} ${where}${message}${suggestion === undefined ? '' : ` (${suggestion})`}`;
  });
}

/** The errors of what stands behind the version, whose line is the first. */
const found = (text: string) => errorsOf(`_format_version: "3.0"\n${text}`);

const SECRET = 'very-secret';
const UUID = '11111111-1111-4111-8111-111111111111';
const pem = ({ cert, key }: { cert: string; key: string }, ...snis: string[]) =>
  JSON.stringify({ cert, key, snis });

describe('a wrong configuration', () => {
  it.each([
    ['nothing', '', '1:1 expected a configuration with _format_version at its top'],
    ['a list', '- 1', '1:1 expected a configuration with _format_version at its top'],
    [
      'no version',
      'services: []',
      '1:1 the configuration has no _format_version (add _format_version: "3.0")',
    ],
    [
      'another version',
      '_format_version: "4.0"',
      '1:18 _format_version: unknown _format_version 4.0 (use "3.0")',
    ],
  ])('as a whole, being %s, is told', (_, text, error) => {
    expect(errorsOf(text)).toEqual([error]);
  });

  it.each([
    [
      'a list left open',
      'services: [\n',
      '3:1 Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a key twice', 'services: []\nservices: []\n', '3:1 Map keys must be unique'],
    ['a tab', 'services:\n\t- name: a\n', '3:1 Tabs are not allowed as indentation'],
  ])('in its YAML, being %s, is told with its line', (_, text, error) => {
    expect(found(text)).toEqual([error]);
  });

  it.each([
    // Names and kinds
    ['servces:\n- name: a\n', '2:1 servces: unknown entity servces (did you mean services?)'],
    ['vaults:\n- name: a\n', '2:1 vaults: vaults are not supported by this gateway'],
    ['services: a\n', '2:11 services: expected a list'],
    ['services:\n- a\n', '3:3 services[0]: expected a record'],
    [
      'services:\n- host: x\n  rotes:\n  - name: r\n',
      '4:3 services[0].rotes: unknown field rotes (did you mean routes?)',
    ],
    ['services:\n- host: x\n  prot: 80\n', '4:9 services[0].prot: unknown field prot (did you mean port?)'],
    ['services:\n- host: x\n  colour: red\n', '4:11 services[0].colour: unknown field colour'],
    ['services:\n- {host: x, __proto__: 1}\n', '3:24 services[0].__proto__: unknown field __proto__'],
    // Services
    ['services:\n- name: a\n', '3:3 services[0]: a service has a host, or a url'],
    [
      'services:\n- name: a b\n  host: x\n',
      '3:9 services[0].name: a name has letters, digits and . _ ~ - only',
    ],
    ['services:\n- url: ftp://x\n', '3:8 services[0].url: expected http(s)://host[:port][/path]'],
    ['services:\n- url: http://x:99999\n', '3:8 services[0].url: a port is 65535 at most'],
    ['services:\n- host: x\n  port: 70000\n', '4:9 services[0].port: value must be between 0 and 65535'],
    [
      'services:\n- host: x\n  port: "80"\n',
      '4:9 services[0].port: expected an integer, got the string "80"',
    ],
    [
      'services:\n- host: x\n  protocol: htps\n',
      '4:13 services[0].protocol: expected one of: http, https (did you mean https?)',
    ],
    ['services:\n- host: x\n  path: a\n', '4:9 services[0].path: a path begins with /'],
    [
      'services:\n- host: x\n  read_timeout: 0\n',
      '4:17 services[0].read_timeout: value must be between 1 and 2147483646',
    ],
    [
      'services:\n- {host: x, enabled: "yes"}\n',
      '3:22 services[0].enabled: expected true or false, got the string "yes"',
    ],
    ['services:\n- {host: x, id: abc}\n', '3:17 services[0].id: an id is a UUID'],
    // Routes
    ['routes:\n- name: r\n', '3:3 routes[0]: a route sets one of hosts, paths, methods, headers, snis'],
    [
      'routes:\n- paths:\n  - foo\n',
      '4:5 routes[0].paths[0]: a path begins with /, a regular expression with ~/',
    ],
    [
      'routes:\n- paths: ["~/("]\n',
      '3:11 routes[0].paths[0]: invalid regular expression: Unterminated group',
    ],
    ['routes:\n- paths: [/a%20b]\n', '3:11 routes[0].paths[0]: a path is written normalised: /a b'],
    ['routes:\n- methods: [get]\n', '3:13 routes[0].methods[0]: a method is written in capitals'],
    [
      'routes:\n- hosts: ["a.*:80"]\n',
      '3:11 routes[0].hosts[0]: a wildcard stands for the first or the last label, and none with a port behind it',
    ],
    ['routes:\n- headers: {Host: [a]}\n', '3:12 routes[0].headers: the Host header is matched by hosts'],
    ['routes:\n- paths: [/]\n  protocols: []\n', '4:14 routes[0].protocols: expected at least 1 item'],
    [
      'routes:\n- paths: [/]\n  https_redirect_status_code: 400\n',
      '4:31 routes[0].https_redirect_status_code: expected one of: 301, 302, 307, 308, 426',
    ],
    // References
    [
      'services:\n- {name: orders, host: x}\nroutes:\n- paths: [/]\n  service: order\n',
      '6:12 routes[0].service: there is no service order (did you mean orders?)',
    ],
    ['plugins:\n- name: key-auth\n  route: nowhere\n', '4:10 plugins[0].route: there is no route nowhere'],
    [
      'keyauth_credentials:\n- {key: x, consumer: ann}\n',
      '3:22 keyauth_credentials[0].consumer: there is no consumer ann',
    ],
    ['keyauth_credentials:\n- key: x\n', '3:3 keyauth_credentials[0]: a credential names its consumer'],
    ['targets:\n- {target: "a:80", upstream: u}\n', '3:30 targets[0].upstream: there is no upstream u'],
    ['targets:\n- target: a:80\n', '3:3 targets[0]: a target names its upstream'],
    ['snis:\n- name: a.test\n', '3:3 snis[0]: a server name names its certificate'],
    // Duplicates
    [
      'services:\n- {name: a, host: x}\n- {name: a, host: y}\n',
      '4:3 services[1]: another service is called a too',
    ],
    [
      `services:\n- {id: ${UUID}, host: x}\n- {id: ${UUID}, host: y}\n`,
      `4:3 services[1]: another service has the id ${UUID}`,
    ],
    [
      'services:\n- name: s\n  host: x\n  routes:\n  - {name: r, paths: [/a]}\nroutes:\n- {name: r, paths: [/b]}\n',
      '6:5 services[0].routes[0]: another route is called r too',
    ],
    [
      'plugins:\n- name: key-auth\n- name: key-auth\n',
      '4:3 plugins[1]: plugin key-auth is configured twice in the same place',
    ],
    ['upstreams:\n- name: u\n- name: u\n', '4:3 upstreams[1]: another upstream is called u too'],
    [
      'upstreams:\n- name: u\n  targets:\n  - target: a:80\n  - target: a:80\n',
      '6:13 upstreams[0].targets[1].target: upstream u has the target a:80 already',
    ],
    [
      `consumers:\n- {username: a, keyauth_credentials: [{key: ${SECRET}}]}\n- {username: b, keyauth_credentials: [{key: ${SECRET}}]}\n`,
      '4:45 consumers[1].keyauth_credentials[0].key: another key-auth credential has the same key',
    ],
    // Plugins
    ['plugins:\n- config: {}\n', '3:3 plugins[0].name: required field is missing'],
    [
      'plugins:\n- name: key-aut\n',
      '3:9 plugins[0].name: plugin key-aut is not known here (did you mean key-auth?)',
    ],
    [
      'plugins:\n- name: oauth2\n',
      '3:9 plugins[0].name: plugin oauth2 is not known here (known: pre-function, correlation-id, mtls-auth, key-auth, openid-connect, rate-limiting, request-transformer, response-transformer, opentelemetry, http-log, request-termination, post-function)',
    ],
    [
      'plugins:\n- name: key-auth\n  config:\n    key_name: [a]\n',
      '5:15 plugins[0].config.key_name: unknown field key_name (did you mean key_names?)',
    ],
    ['plugins:\n- name: key-auth\n  config: []\n', '4:11 plugins[0].config: expected a record, got a list'],
    [
      'plugins:\n- name: key-auth\n  config: {key_in_body: true}\n',
      '4:25 plugins[0].config.key_in_body: keys in bodies are not supported: bodies are streamed',
    ],
    [
      'plugins:\n- name: rate-limiting\n',
      '3:3 plugins[0].config: one of second, minute, hour, day, month, year is set',
    ],
    [
      'plugins:\n- name: rate-limiting\n  config: {minute: 5, limit_by: header}\n',
      '4:11 plugins[0].config.header_name: limit_by header needs a header_name',
    ],
    [
      'plugins:\n- name: rate-limiting\n  config: {minute: 5, policy: cluster}\n',
      '4:31 plugins[0].config.policy: expected one of: local, redis',
    ],
    [
      'plugins:\n- name: request-transformer\n  config:\n    add: {headers: ["X:$(headers.y)"]}\n',
      '5:21 plugins[0].config.add.headers[0]: templates, $(…), are not supported by this gateway; use pre-function',
    ],
    [
      'plugins:\n- name: request-transformer\n  config:\n    add: {headers: ["X Y:1"]}\n',
      '5:21 plugins[0].config.add.headers[0]: expected name:value, legal in a header',
    ],
    [
      'plugins:\n- name: request-transformer\n  config:\n    replace: {uri: "/a?b"}\n',
      '5:20 plugins[0].config.replace.uri: a path begins with /, is escaped, and has no query',
    ],
    [
      'plugins:\n- name: request-termination\n  config: {message: a, body: b}\n',
      "4:21 plugins[0].config.message: message can't be set beside body or content_type",
    ],
    [
      'plugins:\n- name: correlation-id\n  config: {header_name: "a b"}\n',
      '4:25 plugins[0].config.header_name: not the name of a header',
    ],
    // Upstreams and targets
    [
      'upstreams:\n- name: u\n  algorithm: least-connections\n',
      '4:14 upstreams[0].algorithm: expected one of: round-robin',
    ],
    [
      'upstreams:\n- name: u\n  targets:\n  - target: a:80:90\n',
      '5:13 upstreams[0].targets[0].target: a target is host or host:port',
    ],
    [
      'upstreams:\n- name: u\n  targets:\n  - target: a:99999\n',
      '5:13 upstreams[0].targets[0].target: a port is 65535 at most',
    ],
    [
      'upstreams:\n- name: u\n  targets:\n  - {target: "a:80", weight: -1}\n',
      '5:30 upstreams[0].targets[0].weight: value must be between 0 and 65535',
    ],
    // Consumers and certificates
    ['consumers:\n- tags: [a]\n', '3:3 consumers[0]: a consumer has a username or a custom_id'],
    ['certificates:\n- cert: x\n  key: y\n', '3:9 certificates[0].cert: not a certificate in PEM'],
  ])('%j is told with line, place and mend', (text, error) => {
    expect(found(text)).toEqual([error]);
  });

  it('of certificates is told: keys that do not fit, names that are taken', () => {
    const entry = pem(A_TEST, 'a.test');
    expect([
      found(`certificates:\n- ${pem({ cert: A_TEST.cert, key: B_TEST.key })}\n`),
      found(`certificates:\n- ${pem({ cert: A_TEST.cert, key: SECRET })}\n`),
      found(`certificates:\n- ${entry}\n- ${pem(B_TEST, 'A.test')}\n`),
    ]).toEqual([
      [expect.stringMatching(/^3:\d+ certificates\[0\]\.key: the key is not the one of the certificate$/)],
      [
        expect.stringMatching(
          /^3:\d+ certificates\[0\]\.key: not a private key in PEM without a passphrase$/,
        ),
      ],
      [
        expect.stringMatching(
          /^4:\d+ certificates\[1\]\.snis\[0\]: the server name A\.test has a certificate already$/,
        ),
      ],
    ]);
  });

  it('is told as a whole, every error of it', () => {
    expect(found('services:\n- name: a\n  hots: x\nroutes:\n- name: r\nplugins:\n- name: key-aut\n')).toEqual(
      [
        '4:9 services[0].hots: unknown field hots (did you mean host?)',
        '3:3 services[0]: a service has a host, or a url',
        '6:3 routes[0]: a route sets one of hosts, paths, methods, headers, snis',
        '8:9 plugins[0].name: plugin key-aut is not known here (did you mean key-auth?)',
      ],
    );
  });

  it('is told up to 500 errors of, and is no larger than it may be', () => {
    const many = Array.from({ length: 600 }, () => '- {}\n').join('');
    expect(found(`services:\n${many}`)).toHaveLength(500);
    const check = checkConfig(`# ${'x'.repeat(32 * 1_048_576)}`);
    expect(check).toEqual({
      ok: false,
      errors: [{ message: 'the configuration is larger than 33554432 bytes' }],
    });
  });

  it('never tells a key or a body of a plugin’s configuration', () => {
    const texts = [
      `consumers:\n- {username: a, keyauth_credentials: [{key: ${SECRET}, keys: 1}, {key: ${SECRET}}]}\n`,
      `certificates:\n- {cert: "${SECRET}", key: "${SECRET}"}\n`,
    ];
    for (const text of texts) {
      expect(found(text).join('\n')).not.toContain(SECRET);
      expect(found(text)).not.toEqual([]);
    }
  });

  it('does not expand into more than it says', () => {
    const bomb = ['a: &a [1,1,1,1,1,1,1,1,1]']
      .concat(
        Array.from({ length: 8 }, (_, index) => {
          const [name, before] = ['bcdefghi'[index]!, 'abcdefgh'[index]!];
          return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`;
        }),
      )
      .join('\n');
    expect(checkConfig(bomb)).toEqual({
      ok: false,
      errors: [
        {
          message:
            "the aliases can't be expanded: Excessive alias count indicates a resource exhaustion attack",
        },
      ],
    });
    expect(found(`services: [${'*a,'.repeat(5)}]`)).toEqual(['2:12 there is no anchor &a']);
    const many = `_info: &a {}\nservices: [${'*a,'.repeat(1_001)}]`;
    expect(checkConfig(many)).toEqual({ ok: false, errors: [{ message: 'more than 1000 aliases' }] });
  });
});
