import { existsSync } from 'node:fs';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import { AppError, messageOf } from '@gatescope/base';
import { validator } from '@gatescope/protocol';
import Fastify, { type FastifyInstance, type FastifyRequest, type RouteOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { decideAccess } from './access.ts';
import { auditRoutes } from './audit-routes.ts';
import type { ApiContext } from './context.ts';
import { controlPlaneRoutes } from './control-plane-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { exportRoutes } from './export-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { logRoutes } from './log-routes.ts';
import { nodeRoutes } from './node-routes.ts';
import { noteRefusals } from './note-refusals.ts';
import { oidcRoutes } from './oidc-routes.ts';
import { openApiOptions } from './openapi.ts';
import { healthRoutes, metricsRoute } from './operations-routes.ts';
import { payloadRoutes } from './payload-routes.ts';
import { asAppError, sendProblem } from './problems.ts';
import { redactionRoutes } from './redaction-routes.ts';
import { rightOf } from './route-rights.ts';
import { sessionRoutes } from './session-routes.ts';
import { settingsRoutes } from './settings-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import { traceRoutes } from './trace-routes.ts';
import { userRoutes } from './user-routes.ts';

/** Largest body of a request, bytes; a configuration may be larger. */
const BODY_BYTES_MAX = 2 * 1_048_576;
const PREFIX = '/api/v1';
const SECURITY_FIELDS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** The REST API under `/api/v1`, and the viewer at `/`. `viewerDir` holds the built viewer; without it only the API is served. What proxies at `trustedProxies` (addresses and networks) say of client, host and scheme counts. */
export async function buildApiServer(
  context: ApiContext,
  viewerDir: string | null,
  trustedProxies: readonly string[] = [],
): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    routerOptions: { maxParamLength: 512 },
    forceCloseConnections: true,
    requestTimeout: 60_000,
    keepAliveTimeout: 65_000,
    // An address that can not be read: no hook sees it.
    frameworkErrors: (error, _, reply) => void sendProblem(reply.headers(SECURITY_FIELDS), asAppError(error)),
  });
  app.setValidatorCompiler(({ schema }) => {
    const check = validator(schema as TSchema);
    return (value: unknown) => {
      const checked = check(value);
      if (checked.ok) return { value };
      const [first] = checked.errors;
      const where = first?.path === '' ? '' : `${first?.path} `;
      const message = `the request is not valid: ${where}${first?.message}`;
      return { error: new AppError('invalid_request', message, { details: checked.errors }) };
    };
  });
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.decorateRequest('address', null);
  app.decorateRequest('principal', null);
  app.decorateRequest('controlPlane', null);
  app.decorateRequest('failure', null);
  nameRights(app);
  // Text is no JSON, whatever the framework makes of it.
  app.removeContentTypeParser('text/plain');
  // Many clients name the type of a body even where they send none: whoever needs one says so.
  const readJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) =>
    text === '' ? done(null, undefined) : void readJson(request, text, done),
  );
  app.setNotFoundHandler((request) => {
    throw nothingAt(request);
  });
  app.setErrorHandler((error: Error, request, reply) => {
    const failure = asAppError(error);
    request.failure = failure;
    if (failure.code === 'internal') {
      context.logger.log(
        'error',
        'api',
        `${request.method} ${request.routeOptions.url ?? ''} failed: ${messageOf(error)}`,
        { stack: (error.stack ?? '').slice(0, 2_000) },
      );
    }
    return sendProblem(reply, failure);
  });
  app.addHook('onSend', async (request, reply) => {
    void reply.headers(SECURITY_FIELDS);
    if (request.url.startsWith(PREFIX) && !reply.hasHeader('cache-control'))
      void reply.header('cache-control', 'no-store');
  });
  // Reads the cookies that the decision below looks at.
  await app.register(cookie);
  noteRefusals(app, context.audit);
  app.addHook('onRequest', (request) => decideAccess(request, context.authenticator, context.controlPlanes));
  await app.register(swagger, openApiOptions(context.version, PREFIX));
  await app.register(
    async (api) => {
      healthRoutes(api, context);
      metricsRoute(api, context);
      signInRoutes(api, context);
      oidcRoutes(api, context);
      userRoutes(api, context);
      tokenRoutes(api, context);
      auditRoutes(api, context);
      controlPlaneRoutes(api, context);
      nodeRoutes(api, context);
      sessionRoutes(api, context);
      traceRoutes(api, context);
      logRoutes(api, context);
      payloadRoutes(api, context);
      exportRoutes(api, context);
      keyRoutes(api, context);
      redactionRoutes(api, context);
      settingsRoutes(api, context);
      eventRoutes(api, context);
      api.get('/openapi.json', async () => app.swagger());
      api.all('/*', { schema: { hide: true } as object }, async (request) => {
        throw nothingAt(request);
      });
    },
    { prefix: PREFIX },
  );
  healthRoutes(app, context);
  metricsRoute(app, context);
  app.get('/openapi.json', { schema: { hide: true } as object }, async () => app.swagger());
  if (viewerDir !== null && existsSync(join(viewerDir, 'index.html'))) await serveViewer(app, viewerDir);
  return app;
}

/** Gives every route its right; the server does not start with one that has none. */
function nameRights(app: FastifyInstance): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    const right = rightOf(String(route.method), route.url, PREFIX);
    if (right !== undefined) route.config = { ...route.config, right };
    routes.push(route);
  });
  app.addHook('onReady', async () => {
    const without = routes.filter(({ config, url }) => config?.right === undefined && !url.endsWith('*'));
    if (without.length === 0) return;
    const names = without.map(({ method, url }) => `${String(method)} ${url}`).join(', ');
    throw new Error(`who may call ${names}? ROUTE_RIGHTS has to say so`);
  });
}

function nothingAt({ method, url }: FastifyRequest): AppError {
  return new AppError('not_found', `there is no ${method} ${url.split('?')[0]}`);
}

/** The viewer's files, and its page for every path that is the viewer's own to read; nobody has to sign in for them. */
async function serveViewer(app: FastifyInstance, viewerDir: string): Promise<void> {
  await app.register(async (viewer) => {
    viewer.addHook('onRoute', (route) => {
      route.config = { ...route.config, right: { role: 'nobody' } };
      route.schema = { ...route.schema, hide: true } as object;
    });
    await viewer.register(fastifyStatic, {
      root: viewerDir,
      wildcard: false,
      index: false,
      // Said below; the library's own would come after it.
      cacheControl: false,
      setHeaders: (reply, path) => {
        void reply.setHeader(
          'cache-control',
          path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    });
    viewer.get('/', async (_, reply) => await reply.sendFile('index.html'));
    viewer.get('/*', async (request, reply) => {
      if (/\.[a-z0-9]+$/i.test(request.url.split('?')[0]!))
        throw new AppError('not_found', 'there is no such file');
      return await reply.sendFile('index.html');
    });
  });
}
