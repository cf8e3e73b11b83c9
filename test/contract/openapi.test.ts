import { type Key, type List, type PayloadCapture, PayloadSchema, validator } from '@gatescope/protocol';
import Type, { type TSchema } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SESSIONS, TestControlPlane } from './support/control-plane.ts';
import { aLine, aTrace, exportRequest } from './support/otlp.ts';

interface Media {
  readonly schema: TSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { value: unknown }>>;
}
interface Operation {
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Media>> }>
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const ROUTES = `
GET /health
GET /ready
GET /metrics
GET /openapi.json
GET /me
PUT /me/password
GET /users
POST /users
PATCH /users/{id}
DELETE /users/{id}
GET /tokens
POST /tokens
DELETE /tokens/{id}
POST /login
POST /logout
GET /login/methods
GET /login/oidc
GET /login/oidc/callback
GET /control-planes
POST /control-planes
GET /control-planes/{cp}
PATCH /control-planes/{cp}
DELETE /control-planes/{cp}
DELETE /control-planes/{cp}/nodes/{id}
GET /control-planes/{cp}/node-certificates
POST /control-planes/{cp}/node-certificates
DELETE /control-planes/{cp}/node-certificates/{id}
GET /control-planes/{cp}/config
PUT /control-planes/{cp}/config
POST /control-planes/{cp}/config/check
GET /control-planes/{cp}/nodes
GET /control-planes/{cp}/entities
GET /control-planes/{cp}/sessions
POST /control-planes/{cp}/sessions
GET /control-planes/{cp}/sessions/statistics
GET /control-planes/{cp}/sessions/{id}
PATCH /control-planes/{cp}/sessions/{id}
DELETE /control-planes/{cp}/sessions/{id}
POST /control-planes/{cp}/sessions/{id}/stop
GET /control-planes/{cp}/sessions/{id}/traces
GET /control-planes/{cp}/sessions/{id}/traces/{trace}
GET /control-planes/{cp}/sessions/{id}/traces/{trace}/skeleton
GET /control-planes/{cp}/sessions/{id}/traces/{trace}/attributes
GET /control-planes/{cp}/sessions/{id}/traces/{trace}/logs
GET /control-planes/{cp}/sessions/{id}/traces/{trace}/payload
GET /control-planes/{cp}/sessions/{id}/logs
GET /control-planes/{cp}/sessions/{id}/events
GET /control-planes/{cp}/sessions/{id}/export
GET /keys
POST /keys
GET /keys/{id}
POST /keys/{id}/activate
POST /keys/{id}/rotate
POST /keys/{id}/disable
GET /settings/redaction
PUT /settings/redaction
POST /sanitizer/preview
GET /settings/payload-capture
PUT /settings/payload-capture
POST /rules/check
GET /audit-log
`;

/** What OpenAPI 3.1 (4.8) asks of the objects that are used here; unknown fields are not allowed. */
const closed = { additionalProperties: false } as const;
const MediaSchema = Type.Object(
  {
    schema: Type.Unknown(),
    example: Type.Optional(Type.Unknown()),
    examples: Type.Optional(Type.Record(Type.String(), Type.Object({ value: Type.Unknown() }))),
  },
  closed,
);
const ContentSchema = Type.Record(Type.String({ pattern: '^[a-z]+/[a-z+-]+$' }), MediaSchema);
const OperationSchema = Type.Object(
  {
    summary: Type.String({ minLength: 1 }),
    security: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Array(Type.String())))),
    parameters: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Type.String(),
            in: Type.Union([Type.Literal('path'), Type.Literal('query')]),
            required: Type.Boolean(),
            schema: Type.Unknown(),
          },
          closed,
        ),
      ),
    ),
    requestBody: Type.Optional(
      Type.Object(
        { required: Type.Literal(true), description: Type.Optional(Type.String()), content: ContentSchema },
        closed,
      ),
    ),
    responses: Type.Record(
      Type.String({ pattern: '^([1-5]\\d\\d|default)$' }),
      Type.Object(
        { description: Type.String({ minLength: 1 }), content: Type.Optional(ContentSchema) },
        closed,
      ),
    ),
  },
  closed,
);
const DocumentSchema = Type.Object(
  {
    openapi: Type.Literal('3.1.0'),
    info: Type.Object(
      {
        title: Type.String(),
        version: Type.String(),
        description: Type.String(),
        license: Type.Object({ name: Type.String(), identifier: Type.String() }, closed),
      },
      closed,
    ),
    components: Type.Object(
      {
        securitySchemes: Type.Record(Type.String(), Type.Unknown()),
        schemas: Type.Record(Type.String(), Type.Unknown()),
      },
      closed,
    ),
    security: Type.Array(Type.Record(Type.String(), Type.Array(Type.String()))),
    paths: Type.Record(
      Type.String({ pattern: '^/' }),
      Type.Record(Type.String({ pattern: '^(get|put|post|patch|delete)$' }), OperationSchema),
    ),
  },
  closed,
);

let controlPlane: TestControlPlane;
let description: Document;
let operations: { key: string; path: string; operation: Operation }[];

beforeAll(async () => {
  controlPlane = await TestControlPlane.start();
  description = (await controlPlane.call<Document>('/openapi.json')).body;
  operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      key: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  );
});
afterAll(() => controlPlane.close());

/** Every media type of every operation, with where it is. */
function* media(): Generator<[string, Media]> {
  for (const { key, operation } of operations) {
    for (const [type, one] of Object.entries(operation.requestBody?.content ?? {}))
      yield [`${key} body ${type}`, one];
    for (const [status, { content }] of Object.entries(operation.responses)) {
      for (const [type, one] of Object.entries(content ?? {})) yield [`${key} ${status} ${type}`, one];
    }
  }
}

describe('the description of the API', () => {
  it('is OpenAPI 3.1', () => {
    const checked = validator(DocumentSchema)(description);
    expect(checked.ok ? [] : checked.errors).toEqual([]);
  });

  it('is also at the root', async () => {
    expect(await (await controlPlane.fetch('/openapi.json')).json()).toEqual(description);
  });

  it('lists every route, and no other', () => {
    const routes = ROUTES.trim()
      .split('\n')
      .map((route) => route.replace(' ', ' /api/v1'));
    const atRoot = ['GET /health', 'GET /ready', 'GET /metrics'];
    expect(operations.map(({ key }) => key).sort()).toEqual([...routes, ...atRoot].sort());
  });

  it('names the parameters in each path, and what all of them may answer when they fail', () => {
    for (const { key, path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const given = (operation.parameters ?? [])
        .filter((one) => one.in === 'path')
        .map(({ name, required }) => (required ? name : null));
      expect([key, given.sort()]).toEqual([key, named.sort()]);
      expect([key, Object.keys(operation.responses['default']!.content!)]).toEqual([
        key,
        ['application/problem+json'],
      ]);
    }
  });

  it('says where nobody has to sign in', () => {
    const open = operations
      .filter(({ operation }) => operation.security?.length === 0)
      .map(({ key }) => key.replace('/api/v1', ''));
    expect([...new Set(open)].sort()).toEqual([
      'GET /health',
      'GET /login/methods',
      'GET /login/oidc',
      'GET /login/oidc/callback',
      'GET /ready',
      'POST /login',
      'POST /logout',
    ]);
  });

  it('has an example of everything, and it fits its schema', () => {
    for (const [place, { schema, example, examples }] of media()) {
      const values =
        example === undefined ? Object.values(examples ?? {}).map(({ value }) => value) : [example];
      expect([place, values.length > 0]).toEqual([place, true]);
      const check = validator(schema);
      for (const value of values) {
        const checked = check(value);
        expect([place, checked.ok ? [] : checked.errors]).toEqual([place, []]);
      }
    }
  });

  it('is what the API answers', async () => {
    const node = await controlPlane.node();
    const setting = '/settings/payload-capture';
    const { agreement_text } = (await controlPlane.call<PayloadCapture>(setting)).body;
    await controlPlane.call(setting, { method: 'PUT', body: { enabled: true, agreement_text } });
    const { id } = await controlPlane.session({
      name: 'described',
      capture: { logs: 'debug', headers: true, bodies: true },
    });
    const trace = aTrace([id], {
      spans: [
        { name: 'kong.access.plugin.x', events: [{ name: 'e', time_unix_nano: '1', attributes: { a: 1 } }] },
      ],
    });
    const [payload] = (PayloadSchema as { examples?: object[] }).examples!;
    const lines = [aLine({ trace_id: trace.traceId, attributes: { tries: 1 } })];
    await node.send(exportRequest({ ...trace, lines, payload: { ...payload, query: null } }));
    await controlPlane.call('/users', {
      body: { email: 'ada@example.com', password: 'correct horse', role: 'viewer' },
    });
    await controlPlane.token();
    const values: Record<string, string> = { cp: 'default', trace: trace.traceId };
    const [key] = (await controlPlane.call<List<Key>>('/keys')).body.data;
    const idIn = (path: string) => (path.startsWith('/api/v1/keys/') ? key!.id : id);
    const gets = operations.filter(({ key }) => key.startsWith('GET ') && !/events$|metrics$|oidc/.test(key));
    for (const { key: called, path, operation } of gets) {
      const response = await controlPlane.fetch(
        path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'id' ? idIn(path) : values[name]!)),
      );
      const described = operation.responses['200']!.content!['application/json']!;
      const checked = validator(described.schema)(await response.json());
      expect([called, response.status, checked.ok ? [] : checked.errors]).toEqual([called, 200, []]);
    }
    const started = await controlPlane.call(SESSIONS, { body: { name: 'posted' } });
    const created =
      description.paths[`/api/v1/control-planes/{cp}/sessions`]!['post']!.responses['201']!.content![
        'application/json'
      ]!;
    expect(validator(created.schema)(started.body).ok).toBe(true);
    const problem = await controlPlane.call(SESSIONS, { body: { rate: 2 } });
    const failed =
      description.paths[`/api/v1/control-planes/{cp}/sessions`]!['post']!.responses['default']!.content![
        'application/problem+json'
      ]!;
    expect(validator(failed.schema)(problem.body).ok).toBe(true);
  });
});
