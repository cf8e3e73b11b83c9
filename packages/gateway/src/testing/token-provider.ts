import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import Provider from 'oidc-provider';
import { onTestFinished } from 'vitest';

/** Who asks for tokens, and asks about them. */
const CLIENT = { id: 'gateway', secret: 'gateway: s3cret' };
/** Tokens for this resource are signed JWTs; all others mean something to the provider alone. */
const RESOURCE = 'urn:orders';

/** A real OpenID Connect provider on a free port, that gives tokens to programs and answers what a token is worth. */
export class TokenProvider {
  readonly issuer: string;
  /** What was asked, `METHOD /path`, in order. */
  readonly asked: string[] = [];
  /** Resolves before a request is answered; for a provider that takes its time. */
  hold: (() => Promise<unknown>) | null = null;
  readonly #server: Server;
  #answer: ReturnType<Provider['callback']> = () => undefined;
  #key: KeyObject | null = null;
  #keys = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  /** Closed when the test is over. It is called by a name, so that the name has to be looked up. */
  static async start(): Promise<TokenProvider> {
    const server = createServer();
    // A busy machine does not make a connection look idle.
    server.keepAliveTimeout = 600_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const provider = new TokenProvider(server);
    provider.rotateKeys();
    server.on('request', (request: IncomingMessage, response) => {
      provider.asked.push(`${request.method} ${request.url}`);
      const held = provider.hold?.() ?? Promise.resolve();
      void held.then(() => provider.#answer(request, response));
    });
    onTestFinished(() => provider.close());
    return provider;
  }

  /** From now on it signs with another key, and shows that one alone. Tokens that mean something to it alone are forgotten. */
  rotateKeys(): void {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    this.#keys++;
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          grant_types: ['client_credentials'],
          id_token_signed_response_alg: 'ES256',
          redirect_uris: [],
          response_types: [],
        },
      ],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: this.kid, alg: 'ES256', use: 'sig' }] },
      scopes: ['orders:read', 'orders:write'],
      cookies: { keys: ['test'] },
      extraTokenClaims: () => ({ realm_access: { roles: ['clerk'] }, plan: 'gold' }),
      features: {
        clientCredentials: { enabled: true },
        introspection: { enabled: true, allowedPolicy: () => true },
        revocation: { enabled: true },
        devInteractions: { enabled: false },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({
            scope: 'orders:read orders:write',
            accessTokenFormat: 'jwt',
            accessTokenTTL: 600,
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
    });
    this.#answer = provider.callback();
  }

  /** Which key it signs with. */
  get kid(): string {
    return `key-${this.#keys}`;
  }

  /** A token as a program gets it: a signed JWT, or one that means something to the provider alone. */
  async token(kind: 'jwt' | 'opaque', scope = 'orders:read'): Promise<string> {
    const form = {
      grant_type: 'client_credentials',
      scope,
      ...(kind === 'jwt' ? { resource: RESOURCE } : {}),
    };
    const answer = await this.#post('/token', form);
    const { access_token: token } = (await answer.json()) as { access_token?: string };
    if (token === undefined) throw new Error(`no token: ${answer.status}`);
    return token;
  }

  async revoke(token: string): Promise<void> {
    await this.#post('/token/revocation', { token });
  }

  /** A token that this provider's key has signed and that says what a test wants. */
  sign(
    claims: Readonly<Record<string, unknown>>,
    header: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    return new SignJWT({ iss: this.issuer, sub: CLIENT.id, exp: nowSeconds + 600, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: this.kid, ...header })
      .sign(this.#key!);
  }

  /** Lets no more connections in and ends those there are. Safe to call again. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #post(path: string, form: Readonly<Record<string, string>>): Promise<Response> {
    const credentials = [CLIENT.id, CLIENT.secret].map(encodeURIComponent).join(':');
    return fetch(this.issuer + path, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    });
  }
}
