import { checkAuthority, checkCertificate } from './certificate-check.ts';
import { deterministicId } from './deterministic-id.ts';
import type {
  CaCertificate,
  Certificate,
  Consumer,
  GatewayConfig,
  KeyAuthCredential,
  PluginEntity,
  Route,
  Service,
  Target,
  Upstream,
} from './entities.ts';
import {
  CA_CERTIFICATE,
  CERTIFICATE,
  CONSUMER,
  KEYAUTH_CREDENTIAL,
  PLUGIN,
  ROUTE,
  SERVICE,
  SNI,
  TARGET,
  UPSTREAM,
} from './entity-schemas.ts';
import { checkRecord, isRecord, type Path, type RecordSchema, type Report } from './field-schema.ts';
import type { PluginSchemas } from './load-config.ts';
import { nearest } from './nearest.ts';

interface Reports {
  readonly error: Report;
  readonly warn: Report;
}

interface Row {
  readonly value: Record<string, unknown>;
  readonly path: Path;
}

const VERSIONS = ['3.0', '2.1', '1.1'];
const TOP_LEVEL = [
  '_format_version',
  '_transform',
  '_comment',
  '_info',
  '_plugin_configs',
  '_workspace',
  '_konnect',
  'services',
  'routes',
  'plugins',
  'upstreams',
  'targets',
  'consumers',
  'keyauth_credentials',
  'certificates',
  'snis',
  'ca_certificates',
];
const UNSUPPORTED = [
  'consumer_groups',
  'vaults',
  'keys',
  'key_sets',
  'filter_chains',
  'basicauth_credentials',
  'jwt_secrets',
  'hmacauth_credentials',
  'acls',
  'oauth2_credentials',
];

/** Turns a parsed file into a configuration, reporting everything that is wrong. The result is of use only if nothing was. */
export function buildConfig(
  content: Record<string, unknown>,
  plugins: PluginSchemas,
  hash: string,
  reports: Reports,
): GatewayConfig {
  const { error } = reports;
  checkTop(content, reports);
  const rows = new Rows(error);
  const serviceRows = rows.of(content['services'], ['services']);
  const routeRows = rows.of(content['routes'], ['routes']);
  const consumerRows = rows.of(content['consumers'], ['consumers']);
  const pluginRows: { row: Row; service?: string; route?: string; consumer?: string }[] = rows
    .of(content['plugins'], ['plugins'])
    .map((row) => ({ row }));
  const routeParents = new Map<Row, string>();

  const certificates = buildCertificates(content, rows, error);
  const authorities = buildAuthorities(content, rows, error);
  const services = serviceRows.map((row): Service => {
    const service = buildService(row, certificates, authorities, error);
    for (const nested of rows.of(row.value['routes'], [...row.path, 'routes'])) {
      routeRows.push(nested);
      routeParents.set(nested, service.id);
    }
    for (const nested of rows.of(row.value['plugins'], [...row.path, 'plugins']))
      pluginRows.push({ row: nested, service: service.id });
    return service;
  });
  const serviceIndex = new Index('service', services, serviceRows, (service) => [service.name], error);

  const routes = routeRows.map((row): Route => {
    const route = buildRoute(row, routeParents.get(row), serviceIndex, error);
    for (const nested of rows.of(row.value['plugins'], [...row.path, 'plugins']))
      pluginRows.push({ row: nested, route: route.id });
    return route;
  });
  const routeIndex = new Index('route', routes, routeRows, (route) => [route.name], error);

  const credentials = new Map<string, KeyAuthCredential[]>();
  const keys = new Set<string>();
  const addCredential = (consumerId: string, row: Row) => {
    const fields = checkRecord(row.value, KEYAUTH_CREDENTIAL, row.path, error);
    const key = String(fields['key'] ?? '');
    // The key itself is a secret and stays out of the message.
    if (keys.has(key)) error([...row.path, 'key'], 'another key-auth credential has the same key');
    keys.add(key);
    const credential = { id: idOf(fields, 'keyauth_credentials', key), key };
    credentials.set(consumerId, [...(credentials.get(consumerId) ?? []), credential]);
  };
  const bare = consumerRows.map((row) => {
    const fields = checkRecord(row.value, CONSUMER, row.path, error);
    const username = textOrNull(fields['username']);
    const customId = textOrNull(fields['custom_id']);
    if (username === null && customId === null) error(row.path, 'a consumer has a username or a custom_id');
    const id = idOf(fields, 'consumers', username ?? customId ?? '');
    for (const nested of rows.of(row.value['keyauth_credentials'], [...row.path, 'keyauth_credentials']))
      addCredential(id, nested);
    for (const nested of rows.of(row.value['plugins'], [...row.path, 'plugins']))
      pluginRows.push({ row: nested, consumer: id });
    return { id, username, custom_id: customId };
  });
  const consumerIndex = new Index(
    'consumer',
    bare,
    consumerRows,
    (consumer) => [consumer.username, consumer.custom_id],
    error,
  );
  for (const row of rows.of(content['keyauth_credentials'], ['keyauth_credentials'])) {
    const consumer = consumerIndex.resolve(row.value['consumer'], [...row.path, 'consumer']);
    if (consumer !== null) addCredential(consumer.id, row);
    else if (isMissing(row.value['consumer'])) error(row.path, 'a credential names its consumer');
  }
  const consumers: Consumer[] = bare.map((consumer) => ({
    ...consumer,
    keyauth_credentials: credentials.get(consumer.id) ?? [],
  }));
  const pluginEntities = pluginRows.map(({ row, service, route, consumer }): PluginEntity => {
    const fields = checkRecord(row.value, PLUGIN, row.path, error);
    const name = String(fields['name'] ?? '');
    const serviceId =
      service ?? serviceIndex.resolve(fields['service'], [...row.path, 'service'])?.id ?? null;
    const routeId = route ?? routeIndex.resolve(fields['route'], [...row.path, 'route'])?.id ?? null;
    const consumerId =
      consumer ?? consumerIndex.resolve(fields['consumer'], [...row.path, 'consumer'])?.id ?? null;
    const instance = textOrNull(fields['instance_name']);
    return {
      id: idOf(fields, 'plugins', instance ?? `${name}:${serviceId}:${routeId}:${consumerId}`),
      name,
      instance_name: instance,
      enabled: fields['enabled'] === true,
      config: buildPluginConfig(name, fields['config'], row.path, plugins, authorities, error),
      protocols: fields['protocols'] as string[],
      service_id: serviceId,
      route_id: routeId,
      consumer_id: consumerId,
    };
  });
  checkPluginsUnique(
    pluginEntities,
    pluginRows.map(({ row }) => row),
    error,
  );

  return {
    hash,
    services,
    routes,
    plugins: pluginEntities,
    upstreams: buildUpstreams(content, rows, error),
    consumers,
    certificates: certificates.entities,
    ca_certificates: authorities.entities,
  };
}

/** Lists of records in the file. */
class Rows {
  readonly #error: Report;

  constructor(error: Report) {
    this.#error = error;
  }

  of(value: unknown, path: Path): Row[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.#error(path, 'expected a list');
      return [];
    }
    return value.flatMap((item: unknown, index) => {
      if (isRecord(item)) return [{ value: item, path: [...path, index] }];
      this.#error([...path, index], 'expected a record');
      return [];
    });
  }
}

/** Entities by id and name; reports duplicates, and references to what is not there. */
class Index<T extends { readonly id: string }> {
  readonly entities: readonly T[];
  readonly #kind: string;
  readonly #byKey = new Map<string, T>();
  readonly #error: Report;

  constructor(
    kind: string,
    entities: readonly T[],
    rows: readonly Row[],
    namesOf: (entity: T) => (string | null)[],
    error: Report,
  ) {
    this.#kind = kind;
    this.#error = error;
    this.entities = entities;
    entities.forEach((entity, index) => {
      const keys = [...namesOf(entity), entity.id].filter((key) => key !== null);
      // Two of one name have one id too, unless the file gives them others.
      const taken = keys.find((key) => this.#byKey.has(key));
      if (taken !== undefined)
        error(
          rows[index]!.path,
          taken === entity.id
            ? `another ${kind} has the id ${taken}`
            : `another ${kind} is called ${taken} too`,
        );
      for (const key of keys) this.#byKey.set(key, entity);
    });
  }

  /** The entity a reference names: an id, a name, or a record with one of them. Null where there is no reference, or a wrong one. */
  resolve(reference: unknown, path: Path): T | null {
    if (reference === undefined || reference === null) return null;
    const key = isRecord(reference)
      ? (reference['id'] ?? reference['name'] ?? reference['username'])
      : reference;
    const found = this.#byKey.get(String(key));
    if (found !== undefined) return found;
    const near = nearest(String(key), this.#byKey.keys());
    this.#error(
      path,
      `there is no ${this.#kind} ${String(key)}`,
      near === null ? undefined : `did you mean ${near}?`,
    );
    return null;
  }
}

function checkTop(content: Record<string, unknown>, { error, warn }: Reports): void {
  const version = content['_format_version'];
  if (version === undefined)
    error([], 'the configuration has no _format_version', 'add _format_version: "3.0"');
  else if (!VERSIONS.includes(String(version)))
    error(['_format_version'], `unknown _format_version ${String(version)}`, 'use "3.0"');
  else if (String(version) !== '3.0')
    warn(['_format_version'], `_format_version ${String(version)} is read as "3.0"`);
  for (const key of Object.keys(content)) {
    if (TOP_LEVEL.includes(key)) continue;
    if (UNSUPPORTED.includes(key)) {
      if (!Array.isArray(content[key]) || content[key].length > 0)
        error([key], `${key} are not supported by this gateway`);
      continue;
    }
    const near = nearest(key, TOP_LEVEL);
    error([key], `unknown entity ${key}`, near === null ? undefined : `did you mean ${near}?`);
  }
}

function buildService(
  row: Row,
  certificates: Index<Certificate>,
  authorities: Index<CaCertificate>,
  error: Report,
): Service {
  const fields = checkRecord(row.value, SERVICE, row.path, error);
  const url = textOrNull(fields['url']);
  let { protocol, host, port, path } = fields as {
    protocol: 'http' | 'https';
    host: string | null;
    port: number | null;
    path: string | null;
  };
  if (url !== null) {
    const parsed = /^(https?):\/\/(\[[^\]]+\]|[^/:?#]+)(?::(\d{1,5}))?(\/[^?#]*)?$/.exec(url);
    if (parsed === null) error([...row.path, 'url'], 'expected http(s)://host[:port][/path]');
    else {
      protocol = parsed[1] as 'http' | 'https';
      host = parsed[2]!;
      port = parsed[3] === undefined ? null : Number(parsed[3]);
      path = parsed[4] ?? null;
      if ((port ?? 0) > 65_535) error([...row.path, 'url'], 'a port is 65535 at most');
    }
  } else if (host === null) error(row.path, 'a service has a host, or a url');
  const name = textOrNull(fields['name']);
  return {
    id: idOf(fields, 'services', name ?? `${protocol}://${host}:${port}${path ?? ''}`),
    name,
    protocol,
    host: (host ?? '').replace(/^\[(.*)\]$/, '$1'),
    port: port ?? (protocol === 'https' ? 443 : 80),
    path: path === '' ? null : path,
    retries: fields['retries'] as number,
    connect_timeout: fields['connect_timeout'] as number,
    write_timeout: fields['write_timeout'] as number,
    read_timeout: fields['read_timeout'] as number,
    tls_verify: fields['tls_verify'] as boolean | null,
    tls_verify_depth: fields['tls_verify_depth'] as number | null,
    ca_certificates: resolveAll(fields['ca_certificates'], authorities, [...row.path, 'ca_certificates']),
    client_certificate: certificates.resolve(fields['client_certificate'], [
      ...row.path,
      'client_certificate',
    ]),
    enabled: fields['enabled'] as boolean,
    tags: fields['tags'] as string[],
  };
}

function buildRoute(row: Row, parentId: string | undefined, services: Index<Service>, error: Report): Route {
  const fields = checkRecord(row.value, ROUTE, row.path, error);
  const name = textOrNull(fields['name']);
  const service =
    parentId === undefined
      ? services.resolve(fields['service'], [...row.path, 'service'])
      : services.resolve(parentId, row.path);
  const route = {
    protocols: fields['protocols'] as string[],
    methods: fields['methods'] as string[],
    hosts: fields['hosts'] as string[],
    paths: fields['paths'] as string[],
    headers: fields['headers'] as Record<string, string[]>,
    snis: (fields['snis'] as string[]).map((sni) => sni.replace(/\.$/, '')),
  };
  if (Object.hasOwn(lowerKeys(route.headers), 'host'))
    error([...row.path, 'headers'], 'the Host header is matched by hosts');
  if (
    route.hosts.length +
      route.paths.length +
      route.methods.length +
      route.snis.length +
      Object.keys(route.headers).length ===
    0
  ) {
    error(row.path, 'a route sets one of hosts, paths, methods, headers, snis');
  }
  return {
    id: idOf(fields, 'routes', name ?? JSON.stringify([service?.id, route])),
    name,
    ...route,
    strip_path: fields['strip_path'] as boolean,
    preserve_host: fields['preserve_host'] as boolean,
    path_handling: fields['path_handling'] as 'v0' | 'v1',
    regex_priority: fields['regex_priority'] as number,
    https_redirect_status_code: fields['https_redirect_status_code'] as number,
    request_buffering: fields['request_buffering'] as boolean | null,
    response_buffering: fields['response_buffering'] as boolean,
    created_at: fields['created_at'] as number,
    service,
    tags: fields['tags'] as string[],
  };
}

function buildPluginConfig(
  name: string,
  value: unknown,
  path: Path,
  plugins: PluginSchemas,
  authorities: Index<CaCertificate>,
  error: Report,
): Record<string, unknown> {
  if (name === '') return {};
  const schema: RecordSchema | undefined = plugins.schemaOf(name);
  if (schema === undefined) {
    const near = nearest(name, plugins.names());
    error(
      [...path, 'name'],
      `plugin ${name} is not known here`,
      near === null ? `known: ${plugins.names().join(', ')}` : `did you mean ${near}?`,
    );
    return {};
  }
  let wrong = false;
  const config = checkRecord(value ?? {}, schema, [...path, 'config'], (at, message, suggestion) => {
    wrong = true;
    error(at, message, suggestion);
  });
  resolveAll(config['ca_certificates'], authorities, [...path, 'config', 'ca_certificates']);
  if (!wrong)
    for (const found of plugins.check(name, config)) error([...path, 'config', ...found.path], found.message);
  return config;
}

function buildUpstreams(content: Record<string, unknown>, rows: Rows, error: Report): Upstream[] {
  const upstreamRows = rows.of(content['upstreams'], ['upstreams']);
  const bare = upstreamRows.map((row) => {
    const fields = checkRecord(row.value, UPSTREAM, row.path, error);
    const name = String(fields['name'] ?? '');
    return {
      id: idOf(fields, 'upstreams', name),
      name,
      host_header: textOrNull(fields['host_header']),
      targets: [] as Target[],
    };
  });
  const index = new Index('upstream', bare, upstreamRows, (upstream) => [upstream.name], error);
  const add = (upstream: (typeof bare)[number], row: Row) => {
    const fields = checkRecord(row.value, TARGET, row.path, error);
    const text = String(fields['target'] ?? '');
    const parsed = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text);
    if (parsed === null) error([...row.path, 'target'], 'a target is host or host:port');
    const host = (parsed?.[1] ?? text).replace(/^\[(.*)\]$/, '$1');
    const port = parsed?.[2] === undefined ? 8000 : Number(parsed[2]);
    if (port > 65_535) error([...row.path, 'target'], 'a port is 65535 at most');
    if (upstream.targets.some((target) => target.host === host && target.port === port))
      error([...row.path, 'target'], `upstream ${upstream.name} has the target ${host}:${port} already`);
    upstream.targets.push({
      id: idOf(fields, 'targets', `${upstream.name}:${text}`),
      target: `${host}:${port}`,
      host,
      port,
      weight: fields['weight'] as number,
    });
  };
  upstreamRows.forEach((row, at) => {
    for (const nested of rows.of(row.value['targets'], [...row.path, 'targets'])) add(bare[at]!, nested);
  });
  for (const row of rows.of(content['targets'], ['targets'])) {
    const upstream = index.resolve(row.value['upstream'], [...row.path, 'upstream']);
    if (upstream !== null) add(upstream, row);
    else if (isMissing(row.value['upstream'])) error(row.path, 'a target names its upstream');
  }
  return bare.map((upstream) => ({ ...upstream, algorithm: 'round-robin' }));
}

/** The entities that a list of ids names. */
function resolveAll<T extends { readonly id: string }>(ids: unknown, index: Index<T>, path: Path): T[] {
  if (!Array.isArray(ids)) return [];
  return ids.flatMap((id: unknown, at) => index.resolve(id, [...path, at]) ?? []);
}

function buildAuthorities(content: Record<string, unknown>, rows: Rows, error: Report): Index<CaCertificate> {
  const authorityRows = rows.of(content['ca_certificates'], ['ca_certificates']);
  const authorities = authorityRows.map((row) => {
    const fields = checkRecord(row.value, CA_CERTIFICATE, row.path, error);
    const cert = String(fields['cert'] ?? '');
    const wrong = cert === '' ? null : checkAuthority(cert);
    if (wrong !== null) error([...row.path, 'cert'], wrong);
    return { id: idOf(fields, 'ca_certificates', cert), cert };
  });
  return new Index('CA certificate', authorities, authorityRows, () => [], error);
}

function buildCertificates(content: Record<string, unknown>, rows: Rows, error: Report): Index<Certificate> {
  const certificateRows = rows.of(content['certificates'], ['certificates']);
  const names = new Set<string>();
  const addName = (snis: string[], name: string, path: Path) => {
    if (names.has(name.toLowerCase())) error(path, `the server name ${name} has a certificate already`);
    names.add(name.toLowerCase());
    snis.push(name);
  };
  const bare = certificateRows.map((row) => {
    const fields = checkRecord(row.value, CERTIFICATE, row.path, error);
    const cert = String(fields['cert'] ?? '');
    const key = String(fields['key'] ?? '');
    const wrong = cert === '' || key === '' ? null : checkCertificate(cert, key);
    if (wrong !== null) error([...row.path, wrong.field], wrong.message);
    const certificate = { id: idOf(fields, 'certificates', cert), cert, key, snis: [] as string[] };
    const nested = Array.isArray(row.value['snis']) ? (row.value['snis'] as unknown[]) : [];
    nested.forEach((sni, at) => {
      const name = String(isRecord(sni) ? sni['name'] : sni);
      addName(certificate.snis, name, [...row.path, 'snis', at]);
    });
    return certificate;
  });
  const index = new Index('certificate', bare, certificateRows, () => [], error);
  for (const row of rows.of(content['snis'], ['snis'])) {
    const fields = checkRecord(row.value, SNI, row.path, error);
    const certificate = index.resolve(fields['certificate'], [...row.path, 'certificate']);
    if (certificate !== null) addName(certificate.snis, String(fields['name'] ?? ''), [...row.path, 'name']);
    else if (isMissing(fields['certificate'])) error(row.path, 'a server name names its certificate');
  }
  return index;
}

function checkPluginsUnique(plugins: readonly PluginEntity[], rows: readonly Row[], error: Report): void {
  const seen = new Set<string>();
  plugins.forEach((plugin, index) => {
    const key = `${plugin.name}|${plugin.service_id}|${plugin.route_id}|${plugin.consumer_id}`;
    if (seen.has(key))
      error(rows[index]!.path, `plugin ${plugin.name} is configured twice in the same place`);
    seen.add(key);
  });
}

function idOf(fields: Record<string, unknown>, kind: string, identity: string): string {
  return textOrNull(fields['id']) ?? deterministicId(kind, identity);
}

function isMissing(reference: unknown): boolean {
  return reference === undefined || reference === null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function lowerKeys(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key.toLowerCase(), value]));
}
