import { messageOf } from '@gatescope/base';
import { errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Claims } from './claims.ts';
import type { Discovered } from './provider.ts';

/** Signatures that are believed: those made with a key pair, so that who can check a token can't make one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** What became of a token: its claims, or why it is not believed. */
export type Verified =
  | { readonly claims: Claims; readonly reason: null }
  | { readonly claims: null; readonly reason: string; readonly isKeyUnknown: boolean };

/** Whether a token has the form of a signed JWT. */
export function looksSigned(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

/** Checks signature, issuer and times of a token; `leewaySeconds` is what clocks may differ. */
export async function verifyToken(
  token: string,
  provider: Discovered,
  issuersAllowed: readonly string[] | null,
  leewaySeconds: number,
  nowMs: number,
): Promise<Verified> {
  const options = {
    algorithms: ALGORITHMS,
    issuer: issuersAllowed === null ? provider.issuer : [...issuersAllowed],
    clockTolerance: leewaySeconds,
    currentDate: new Date(nowMs),
  };
  try {
    return { claims: await claimsOf(token, provider.keys, options), reason: null };
  } catch (error) {
    return {
      claims: null,
      reason: messageOf(error),
      isKeyUnknown: error instanceof errors.JWKSNoMatchingKey,
    };
  }
}

/** A token that names no key is tried with each that may be meant. */
async function claimsOf(token: string, keys: JWTVerifyGetKey, options: JWTVerifyOptions): Promise<Claims> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}
