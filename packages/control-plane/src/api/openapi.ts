import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import {
  AuditEntrySchema,
  ConfigCheckResultSchema,
  ConfigPutResultSchema,
  HealthSchema,
  listOf,
  ProblemSchema,
  ReadinessSchema,
  TraceSchema,
} from '@gatescope/protocol';
import Type, { type TSchema } from 'typebox';
import { rightOf } from './route-rights.ts';

/** What the description of the API says of a route besides the schemas that the route itself checks with. */
interface Operation {
  readonly summary: string;
  /** By status; a media type where it is not JSON. */
  readonly response?: Readonly<Record<number, TSchema | Described>>;
  readonly body?: TSchema;
  readonly consumes?: readonly string[];
}

interface Described {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: TSchema; readonly example?: unknown }>>;
  /** No content at all. */
  readonly type?: 'null';
}

const DONE: Described = { description: 'Done', type: 'null' };
const KONG_YML =
  '_format_version: "3.0"\nservices:\n- name: shop\n  url: http://shop.internal:8080\n  routes:\n  - name: checkout\n    paths: [/checkout]\n';
const KongYmlSchema = Type.String({ description: 'kong.yml, as YAML or JSON', examples: [KONG_YML] });
const DOCUMENT = { _format_version: '3.0', services: [{ name: 'shop', url: 'http://shop.internal:8080' }] };

/** Every operation, in the order of the routes; without the prefix. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /health': { summary: 'Whether the process answers', response: { 200: HealthSchema } },
  'GET /ready': {
    summary: 'Whether everything that should be there is',
    response: { 200: ReadinessSchema, 503: ReadinessSchema },
  },
  'GET /metrics': {
    summary: 'Metrics for Prometheus',
    response: {
      200: {
        description: 'Metrics in the text format',
        content: {
          'text/plain': { schema: Type.String(), example: 'gatescope_nodes_connected 2\n' },
        },
      },
    },
  },
  'GET /me': { summary: 'Who is asking, and what they may do' },
  'POST /login': { summary: 'Sign a browser in, with an account or a sign-in link; sets a cookie' },
  'GET /login/methods': { summary: 'How people can sign in here' },
  'GET /login/oidc': {
    summary: 'Go to the identity provider to sign in there',
    response: { 302: { description: 'To the identity provider', type: 'null' } },
  },
  'GET /login/oidc/callback': {
    summary:
      'Come back from the identity provider; sets a cookie, or leads to the sign-in page with the reason',
    response: { 302: { description: 'To the viewer', type: 'null' } },
  },
  'POST /logout': { summary: 'Sign a browser out', response: { 204: DONE } },
  'PUT /me/password': {
    summary: 'Change the own password; other signed-in browsers are signed out',
    response: { 204: DONE },
  },
  'GET /users': { summary: 'The accounts that the asker could have made' },
  'POST /users': { summary: 'Make an account' },
  'PATCH /users/{id}': { summary: "Change an account's rights, or set a new password" },
  'DELETE /users/{id}': {
    summary: 'Delete an account; its tokens and signed-in browsers end',
    response: { 204: DONE },
  },
  'GET /tokens': { summary: 'The tokens that the asker could have made' },
  'POST /tokens': { summary: 'Make a token that may no more than its maker; told once' },
  'DELETE /tokens/{id}': { summary: 'End a token', response: { 204: DONE } },
  'GET /audit-log': {
    summary: 'Who did what, newest first; format=csv and format=ndjson give all of it',
    response: {
      200: {
        description: 'A page of entries, or all of them in another format',
        content: {
          'application/json': {
            schema: listOf(AuditEntrySchema),
            example: { data: (AuditEntrySchema as { examples?: unknown[] }).examples, next: null },
          },
          'text/csv': {
            schema: Type.String(),
            example: 'id,at,actor,actor_id,action,target,address,outcome,details\r\n',
          },
          'application/x-ndjson': { schema: Type.String(), example: '{"id":42}\n' },
        },
      },
    },
  },
  'GET /control-planes': { summary: 'The control planes that the asker may see' },
  'POST /control-planes': { summary: 'Make a control plane' },
  'GET /control-planes/{cp}': { summary: 'A control plane, by id or name' },
  'PATCH /control-planes/{cp}': { summary: 'Rename or describe a control plane' },
  'DELETE /control-planes/{cp}': {
    summary: 'Delete a control plane without nodes and sessions',
    response: { 204: DONE },
  },
  'GET /control-planes/{cp}/nodes': { summary: 'The data-plane nodes' },
  'DELETE /control-planes/{cp}/nodes/{id}': {
    summary: 'Forget a node that is not connected',
    response: { 204: DONE },
  },
  'GET /control-planes/{cp}/node-certificates': {
    summary: 'The certificates that let nodes into the control plane',
  },
  'POST /control-planes/{cp}/node-certificates': {
    summary: 'Pin a certificate: a node that shows it, or one that it issued, belongs to the control plane',
  },
  'DELETE /control-planes/{cp}/node-certificates/{id}': {
    summary: 'Unpin a certificate; nodes that came in by it are cut',
    response: { 204: DONE },
  },
  'GET /control-planes/{cp}/entities': { summary: 'Services and routes that a session can be scoped to' },
  'GET /control-planes/{cp}/config': {
    summary: 'The configuration in force, as JSON or, where that is accepted, as the YAML it was put as',
    response: {
      200: {
        description: 'kong.yml',
        content: {
          'application/json': { schema: Type.Record(Type.String(), Type.Unknown()), example: DOCUMENT },
          'application/yaml': { schema: Type.String(), example: KONG_YML },
        },
      },
    },
  },
  'PUT /control-planes/{cp}/config': {
    summary: 'Put a configuration in force; every error in it is told with its place',
    body: KongYmlSchema,
    consumes: ['application/yaml', 'application/json'],
    response: { 200: ConfigPutResultSchema },
  },
  'POST /control-planes/{cp}/config/check': {
    summary: 'Check a configuration without putting it in force',
    body: KongYmlSchema,
    consumes: ['application/yaml', 'application/json'],
    response: { 200: ConfigCheckResultSchema },
  },
  'GET /control-planes/{cp}/sessions': { summary: 'The sessions, newest first' },
  'POST /control-planes/{cp}/sessions': { summary: 'Start a tracing session' },
  'GET /control-planes/{cp}/sessions/statistics': {
    summary: 'How the traces of sessions did: failures and percentiles of their durations',
  },
  'GET /control-planes/{cp}/sessions/{id}': { summary: 'A session' },
  'PATCH /control-planes/{cp}/sessions/{id}': {
    summary: 'Rename a session, or change its limits while it runs',
  },
  'POST /control-planes/{cp}/sessions/{id}/stop': { summary: 'End a session early' },
  'DELETE /control-planes/{cp}/sessions/{id}': {
    summary: 'Delete a session and all that belongs to it',
    response: { 204: DONE },
  },
  'POST /rules/check': { summary: 'Check a sampling rule' },
  'GET /control-planes/{cp}/sessions/{id}/traces': { summary: 'The traces of a session, newest first' },
  'GET /control-planes/{cp}/sessions/{id}/traces/{trace}': {
    summary: 'A trace whole, by the id of its root span or its trace id; format=otlp gives OTLP JSON',
    response: { 200: TraceSchema },
  },
  'GET /control-planes/{cp}/sessions/{id}/traces/{trace}/skeleton': {
    summary: 'A trace as columns without attributes',
  },
  'GET /control-planes/{cp}/sessions/{id}/traces/{trace}/attributes': {
    summary: 'Attributes and events of a range of the rows of the skeleton',
  },
  'GET /control-planes/{cp}/sessions/{id}/traces/{trace}/logs': {
    summary: 'The log lines of a trace, newest first',
  },
  'GET /control-planes/{cp}/sessions/{id}/logs': {
    summary: 'The log lines of a session, those of no request too, newest first',
  },
  'GET /control-planes/{cp}/sessions/{id}/traces/{trace}/payload': {
    summary: 'Captured headers and bodies of a trace; needs the right payload:read, and is audited',
  },
  'GET /control-planes/{cp}/sessions/{id}/export': {
    summary:
      'A session as OTLP JSON, as HAR 1.2 or as a ZIP archive; with captured headers and bodies for those who may read them',
    response: {
      200: {
        description: 'The file',
        content: {
          'application/json': {
            schema: Type.Record(Type.String(), Type.Unknown()),
            example: {
              log: { version: '1.2', creator: { name: 'Gatescope', version: '0.1.0' }, entries: [] },
            },
          },
        },
      },
    },
  },
  'GET /keys': { summary: 'The keys that wrap the data keys of sessions, and whether they can be reached' },
  'POST /keys': { summary: 'Register a key; it is made where it is ours to make and there is none' },
  'GET /keys/{id}': { summary: 'A key' },
  'POST /keys/{id}/activate': { summary: 'Seal new sessions with a key; enables it where it was disabled' },
  'POST /keys/{id}/rotate': {
    summary: 'Make a new version of a key; what earlier ones wrapped is wrapped anew in the background',
  },
  'POST /keys/{id}/disable': { summary: 'Make what a key sealed unreadable until it is activated again' },
  'GET /settings/redaction': { summary: "The organisation's redaction rules" },
  'PUT /settings/redaction': { summary: "Put the organisation's redaction rules in place of those before" },
  'POST /sanitizer/preview': { summary: 'What of headers and a body would be masked' },
  'GET /settings/payload-capture': {
    summary: 'Whether the organisation has agreed to the capture of headers and bodies',
  },
  'PUT /settings/payload-capture': {
    summary: 'Agree to the capture of headers and bodies, or withdraw the agreement',
  },
  'GET /control-planes/{cp}/sessions/{id}/events': {
    summary: 'What happens in a session, as server-sent events that can be taken up again by Last-Event-ID',
    response: {
      200: {
        description: 'Events session, node, trace and end; the data of each is the JSON of what it names',
        content: {
          'text/event-stream': {
            schema: Type.String(),
            example: 'id: 7\nevent: trace\ndata: {"id":"feedfacefeedface"}\n\n',
          },
        },
      },
    },
  },
  'GET /openapi.json': {
    summary: 'This description',
    response: { 200: Type.Record(Type.String(), Type.Unknown(), { examples: [{ openapi: '3.1.0' }] }) },
  },
};

const PROBLEM: Described = {
  description: 'What went wrong',
  content: {
    'application/problem+json': {
      schema: ProblemSchema,
      example: (ProblemSchema as { examples?: unknown[] }).examples?.[0],
    },
  },
};

/** How the API's own description is made; `prefix` is where the routes lie. */
export function openApiOptions(version: string, prefix: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Gatescope',
        version,
        description: 'Tracing sessions on live gateways',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'gatescope_session' },
        },
      },
      security: [{ token: [] }, { cookie: [] }],
    },
    transform: ({ schema, url, route }) => {
      const own = (schema ?? {}) as Record<string, unknown>;
      const path = url.startsWith(prefix) ? url.slice(prefix.length) : url;
      const operation = OPERATIONS[`${String(route.method)} ${path.replaceAll(/:(\w+)/g, '{$1}')}`];
      const open = rightOf(String(route.method), url, prefix)?.role === 'nobody';
      const described = {
        ...own,
        ...(operation === undefined ? {} : { summary: operation.summary }),
        ...(operation?.body === undefined ? {} : { body: operation.body, consumes: operation.consumes }),
        ...(open ? { security: [] } : {}),
        response: { ...(own['response'] as object), ...operation?.response, default: PROBLEM },
      };
      return { schema: described, url };
    },
  };
}
