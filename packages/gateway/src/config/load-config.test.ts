import { describe, expect, it } from 'vitest';
import { bundledPlugins } from '../plugins/registry.ts';
import { checkConfig } from './check-config.ts';
import type { GatewayConfig } from './entities.ts';
import { loadConfig } from './load-config.ts';

const SHOP = `_format_version: "3.0"
services:
- name: catalog
  url: http://catalog.internal:8080/v1
  retries: 2
  routes:
  - name: catalog
    paths: [/catalog]
  - name: search
    paths: [~/search/(?<kind>\\w+)]
    methods: [GET]
- name: checkout
  host: checkout
  protocol: https
  read_timeout: 1000
  routes:
  - name: checkout
    paths: [/checkout, /pay]
    protocols: [https]
    plugins:
    - name: key-auth
- name: legacy
  url: http://[2001:db8::1]/
  enabled: false
  plugins:
  - {name: request-termination, config: {status_code: 410}}
routes:
- name: old
  hosts: [old.test, "*.old.test"]
  service: legacy
- name: by-header
  headers: {X-Version: ["2"]}
  service: {name: catalog}
upstreams:
- name: checkout
  targets: [{target: "10.0.0.1:8443", weight: 50}, {target: pay.internal}]
consumers:
- username: ann
  keyauth_credentials: [{key: k}]
`;

function loaded(text: string): GatewayConfig {
  const result = loadConfig(text, bundledPlugins);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.config;
}

describe('loadConfig()', () => {
  it('reads three services with five routes, and fills in what is left out', () => {
    const { services, routes, upstreams, plugins, consumers } = loaded(SHOP);
    const timeouts = { connect_timeout: 60_000, write_timeout: 60_000, read_timeout: 60_000 };
    const defaults = {
      retries: 5,
      ...timeouts,
      tls_verify: null,
      enabled: true,
      tags: [],
      path: null,
      tls_verify_depth: null,
      ca_certificates: [],
      client_certificate: null,
    };
    const id = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(services).toEqual([
      {
        ...defaults,
        id,
        name: 'catalog',
        protocol: 'http',
        host: 'catalog.internal',
        port: 8080,
        path: '/v1',
        retries: 2,
      },
      {
        ...defaults,
        id,
        name: 'checkout',
        protocol: 'https',
        host: 'checkout',
        port: 443,
        read_timeout: 1_000,
      },
      {
        ...defaults,
        id,
        name: 'legacy',
        protocol: 'http',
        host: '2001:db8::1',
        port: 80,
        path: '/',
        enabled: false,
      },
    ]);
    const found = routes.map((route) => [route.name, route.service?.name, route.paths, route.protocols]);
    const both = ['http', 'https'];
    expect(Object.fromEntries(found.map(([name, ...rest]) => [name, rest]))).toEqual({
      old: ['legacy', [], both],
      'by-header': ['catalog', [], both],
      catalog: ['catalog', ['/catalog'], both],
      search: ['catalog', ['~/search/(?<kind>\\w+)'], both],
      checkout: ['checkout', ['/checkout', '/pay'], ['https']],
    });
    expect(routes.find(({ name }) => name === 'catalog')).toEqual({
      id,
      name: 'catalog',
      protocols: both,
      methods: [],
      hosts: [],
      paths: ['/catalog'],
      headers: {},
      snis: [],
      strip_path: true,
      preserve_host: false,
      path_handling: 'v0',
      regex_priority: 0,
      https_redirect_status_code: 426,
      request_buffering: null,
      response_buffering: true,
      created_at: 0,
      service: services[0],
      tags: [],
    });
    expect(upstreams).toEqual([
      {
        id,
        name: 'checkout',
        algorithm: 'round-robin',
        host_header: null,
        targets: [
          { id, target: '10.0.0.1:8443', host: '10.0.0.1', port: 8443, weight: 50 },
          { id, target: 'pay.internal:8000', host: 'pay.internal', port: 8000, weight: 100 },
        ],
      },
    ]);
    const checkout = routes.find(({ name }) => name === 'checkout')!;
    const places = plugins.map((plugin) => [
      plugin.name,
      plugin.service_id,
      plugin.route_id,
      plugin.consumer_id,
    ]);
    expect(places).toEqual([
      ['request-termination', services[2]!.id, null, null],
      ['key-auth', null, checkout.id, null],
    ]);
    expect(consumers).toEqual([
      { id, username: 'ann', custom_id: null, keyauth_credentials: [{ id, key: 'k' }] },
    ]);
  });

  it('gives entities ids that depend on their names, not on their place in the file', () => {
    const idsOf = (text: string) => {
      const { services, routes } = loaded(text);
      return Object.fromEntries([...services, ...routes].map(({ id, name }) => [name, id]));
    };
    const one = '- {name: a, host: x, routes: [{name: r, paths: [/]}]}\n';
    const two = '- {name: b, host: y}\n';
    const head = '_format_version: "3.0"\nservices:\n';
    expect(idsOf(head + one + two)).toEqual(idsOf(head + two + one));
  });

  it('takes entities at the top as it takes them nested', () => {
    const nested = loaded(`_format_version: "3.0"
services:
- name: s
  host: x
  routes: [{name: r, paths: [/], plugins: [{name: key-auth}]}]
consumers: [{username: c, keyauth_credentials: [{key: k}]}]
upstreams: [{name: u, targets: [{target: "a:80"}]}]
`);
    const flat = loaded(`_format_version: "3.0"
services: [{name: s, host: x}]
routes: [{name: r, paths: [/], service: {name: s}}]
plugins: [{name: key-auth, route: r}]
consumers: [{username: c}]
keyauth_credentials: [{key: k, consumer: {username: c}}]
upstreams: [{name: u}]
targets: [{target: "a:80", upstream: u}]
`);
    expect({ ...flat, hash: '' }).toEqual({ ...nested, hash: '' });
  });

  it('takes JSON, an older version with a warning, and what Konnect adds', () => {
    const text = JSON.stringify({
      _format_version: '2.1',
      _konnect: { control_plane_name: 'default' },
      _info: { defaults: {} },
      services: [{ name: 's', host: 'x', tags: ['a'], created_at: 1, updated_at: 2 }],
      vaults: [],
    });
    const check = checkConfig(text);
    expect(check).toMatchObject({
      ok: true,
      warnings: [
        { message: '_format_version 2.1 is read as "3.0"', path: '_format_version', line: 1, column: 20 },
      ],
      services: [{ name: 's' }],
    });
  });

  it('answers what sessions can be scoped to', () => {
    const check = checkConfig(SHOP);
    const { services, routes, consumers } = loaded(SHOP);
    expect(check).toMatchObject({
      ok: true,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      services: services.map(({ id, name }) => ({ id, name })),
      routes: routes.map(({ id, name, service }) => ({ id, name, service_id: service!.id })),
      consumers: consumers.map(({ id, username }) => ({ id, name: username })),
    });
  });
});
