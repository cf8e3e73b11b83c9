import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** 256 random bits as URL-safe text. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}

/** What is kept of a random secret: enough to recognise it, nothing to use it. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

/** A token that names its node and that nobody can make without `secret`. */
export function nodeToken(secret: string, nodeId: string): string {
  return `${Buffer.from(nodeId).toString('base64url')}.${createHmac('sha256', secret).update(nodeId).digest('base64url')}`;
}

/** The node a token was made for, or null. */
export function nodeOfToken(secret: string, token: string): string | null {
  const nodeId = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString();
  return sameText(token, nodeToken(secret, nodeId)) ? nodeId : null;
}

/** scrypt with N = 2^15, r = 8, p = 1 (OWASP's recommendation of 2^17 halved twice for small machines), salt in front. */
const SCRYPT = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1_048_576 };

export async function hashPassword(password: string, salt = randomBytes(16)): Promise<string> {
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, SCRYPT, (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });
  return `scrypt$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

export async function isPassword(password: string, stored: string): Promise<boolean> {
  const [, salt] = stored.split('$');
  return sameText(await hashPassword(password, Buffer.from(salt ?? '', 'base64url')), stored);
}
