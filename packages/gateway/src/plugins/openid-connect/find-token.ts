import type { Exchange } from '../../pipeline/exchange.ts';
import { withoutParameter } from '../without-parameter.ts';
import type { OidcConfig } from './oidc-fields.ts';

/** A bearer token and where it stood. */
export interface FoundToken {
  readonly token: string;
  readonly place: 'header' | 'query' | 'cookie';
}

const PARAMETER = 'access_token';

/** The token of a request, looked for in the places the configuration names, in their order; null: there is none. */
export function findToken(exchange: Exchange, config: OidcConfig): FoundToken | null {
  for (const place of config.bearer_token_param_type) {
    const token = FIND[place](exchange, config);
    if (token !== undefined && token !== '') return { token, place };
  }
  return null;
}

const FIND: Readonly<
  Record<FoundToken['place'], (exchange: Exchange, config: OidcConfig) => string | undefined>
> = {
  header: ({ request }) => /^bearer +(\S+)$/i.exec(request.headers.get('authorization')?.trim() ?? '')?.[1],
  query: ({ request }) =>
    request.query.includes(PARAMETER)
      ? (new URLSearchParams(request.query).get(PARAMETER) ?? undefined)
      : undefined,
  cookie: ({ request }, { bearer_token_cookie_name: name }) =>
    cookies(request.headers.getAll('cookie')).find(([found]) => found === name)?.[1],
};

/** Takes the token out of what the upstream gets. */
export function hideToken(exchange: Exchange, { place }: FoundToken, config: OidcConfig): void {
  const { headers } = exchange.request;
  if (place === 'header') headers.remove('authorization');
  if (place === 'query')
    exchange.upstreamRequest.query = withoutParameter(exchange.upstreamRequest.query, PARAMETER);
  if (place !== 'cookie') return;
  const kept = cookies(headers.getAll('cookie')).filter(([name]) => name !== config.bearer_token_cookie_name);
  if (kept.length === 0) headers.remove('cookie');
  else headers.set('Cookie', kept.map((pair) => pair.join('=')).join('; '));
}

function cookies(lines: readonly string[]): [name: string, value: string][] {
  return lines
    .flatMap((line) => line.split(';'))
    .map((pair) => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
    });
}
