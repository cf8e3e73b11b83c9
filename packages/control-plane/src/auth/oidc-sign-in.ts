import { AppError, messageOf } from '@gatescope/base';
import * as oidc from 'openid-client';
import type { UserRow } from '../store/people-repository.ts';
import { type OidcSettings, rightsOfGroups } from './oidc-settings.ts';
import type { Users } from './users.ts';

/** What a browser keeps while its owner is at the identity provider. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Where the provider sends people back to, below the public address. */
export const CALLBACK_PATH = '/api/v1/login/oidc/callback';
/** How long the provider may take to answer this process, seconds. */
const TIMEOUT_S = 10;

/** Signs people in through an identity provider: authorization code with PKCE, state and nonce. */
export class OidcSignIn {
  readonly #settings: OidcSettings;
  readonly #users: Users;
  #configuration: Promise<oidc.Configuration> | null = null;

  constructor(settings: OidcSettings, users: Users) {
    this.#settings = settings;
    this.#users = users;
  }

  /** What the button says. */
  get name(): string {
    return this.#settings.name;
  }

  /** Where to send the browser, and what it has to bring back. Throws `unavailable` where the provider can't be reached. */
  async begin(): Promise<{ url: string; pending: PendingSignIn }> {
    const pending = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    };
    const url = oidc.buildAuthorizationUrl(await this.#discover(), {
      redirect_uri: this.#settings.publicUrl + CALLBACK_PATH,
      scope: this.#settings.scope,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, pending };
  }

  /** The account of who came back; `query` is what the provider sent along. Throws `unauthorized` and `forbidden`. */
  async finish(query: string, pending: PendingSignIn): Promise<UserRow> {
    const { publicUrl, issuer, groupsClaim, roles } = this.#settings;
    const configuration = await this.#discover();
    let claims: Record<string, unknown>;
    try {
      const tokens = await oidc.authorizationCodeGrant(
        configuration,
        new URL(`${publicUrl}${CALLBACK_PATH}?${query}`),
        {
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          pkceCodeVerifier: pending.verifier,
          idTokenExpected: true,
        },
      );
      claims = { ...tokens.claims() };
      if (configuration.serverMetadata().userinfo_endpoint !== undefined) {
        const more = await oidc.fetchUserInfo(configuration, tokens.access_token, String(claims['sub']));
        claims = { ...claims, ...more };
      }
    } catch (error) {
      throw new AppError('unauthorized', `the identity provider did not sign you in: ${messageOf(error)}`, {
        cause: error,
      });
    }
    const email = claims['email'];
    if (typeof email !== 'string' || !/^[^@\s]+@[^@\s]+$/.test(email)) {
      throw new AppError(
        'forbidden',
        'the identity provider tells no e-mail address; add email to GATESCOPE_OIDC_SCOPE, and let the provider give it',
      );
    }
    const groups = [claims[groupsClaim] ?? []].flat().map(String);
    const rights = rightsOfGroups(roles, groups);
    if (rights === null) {
      throw new AppError(
        'forbidden',
        `none of your groups has rights here (${groups.join(', ') || `the claim ${groupsClaim} names none`}); ask an admin to add one to GATESCOPE_OIDC_ROLES`,
      );
    }
    return await this.#users.fromProvider({
      subject: JSON.stringify([issuer, claims['sub']]),
      email,
      emailVerified: claims['email_verified'] === true,
      rights,
    });
  }

  /** Asked once; anew where that failed. */
  async #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    this.#configuration ??= oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: TIMEOUT_S,
      // The settings allow it on this machine alone.
      ...(issuer.startsWith('http:') ? { execute: [oidc.allowInsecureRequests] } : {}),
    });
    try {
      return await this.#configuration;
    } catch (error) {
      this.#configuration = null;
      throw new AppError(
        'unavailable',
        `the identity provider at ${issuer} can't be asked: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }
}
