import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface Person {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly groups?: readonly string[];
}

/** A real OpenID Connect provider on a free port; people sign in by their name, with any password. */
export class IdentityProvider {
  readonly issuer: string;
  readonly #server: Server;

  private constructor(server: Server, issuer: string) {
    this.#server = server;
    this.issuer = issuer;
  }

  static async start(
    redirectUri: string,
    people: Readonly<Record<string, Person>>,
  ): Promise<IdentityProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(issuer, {
      clients: [{ client_id: 'gatescope', client_secret: 'client-secret', redirect_uris: [redirectUri] }],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups'] },
      cookies: { keys: ['test'] },
      findAccount: (_: unknown, id: string) =>
        people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
    });
    server.on('request', provider.callback());
    return new IdentityProvider(server, issuer);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A browser as far as signing in needs one: it keeps cookies by origin, follows redirects, and fills in the provider's forms. */
export class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>();
  /** Every address it came by. */
  readonly visited: string[] = [];

  /** Goes to `url` and on, signing in as `person` where it is asked; answers where it ends up at `home`. */
  async go(url: string, home: string, person: string): Promise<{ url: string; status: number }> {
    let next: { url: string; form?: URLSearchParams } = { url };
    for (let step = 0; step < 30; step++) {
      const response = await this.fetch(next.url, next.form);
      this.visited.push(next.url);
      const location = response.headers.get('location');
      const body = await response.text();
      if (location !== null) {
        next = { url: new URL(location, next.url).href };
        continue;
      }
      const prompt = /name="prompt" value="(\w+)"/.exec(body)?.[1];
      const action = /action="([^"]+)"/.exec(body)?.[1];
      if (next.url.startsWith(home) || prompt === undefined || action === undefined)
        return { url: next.url, status: response.status };
      next = {
        url: new URL(action, next.url).href,
        form: new URLSearchParams({ prompt, login: person, password: 'any' }),
      };
    }
    throw new Error(`it leads in circles: ${this.visited.slice(-5).join(' → ')}`);
  }

  async fetch(url: string, form?: URLSearchParams): Promise<Response> {
    const jar = this.#jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: cookie === '' ? {} : { cookie },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  cookie(url: string, name: string): string | undefined {
    return this.#jar(url).get(name);
  }

  #jar(url: string): Map<string, string> {
    const { origin } = new URL(url);
    const known = this.#cookies.get(origin);
    if (known !== undefined) return known;
    const jar = new Map<string, string>();
    this.#cookies.set(origin, jar);
    return jar;
  }
}
