/** What a token says, checked. */
export type Claims = Readonly<Record<string, unknown>>;

/** The claim at a path, `["realm_access", "roles"]`; undefined where something on the way is missing. */
export function claimAt(claims: Claims, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** As {@link claimAt}, as text; undefined unless it is a text or a number, and not empty. */
export function textAt(claims: Claims, path: readonly string[]): string | undefined {
  const value = claimAt(claims, path);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** One of the things that a token has to have: each text holds names that are wanted together, and one of the texts is enough. */
export interface Requirement {
  readonly name: string;
  readonly path: readonly string[];
  readonly anyOf: readonly (readonly string[])[];
}

const NAMES = ['scopes', 'audience', 'groups', 'roles'] as const;

/** What a configuration wants of tokens: `scopes_required` and the like, each with the path of its claim. */
export function requirementsOf(config: Readonly<Record<string, unknown>>): Requirement[] {
  return NAMES.flatMap((name) => {
    const wanted = config[`${name}_required`] as readonly string[] | null;
    if (wanted === null || wanted.length === 0) return [];
    const anyOf = wanted.map((text) => text.split(' ').filter((one) => one !== ''));
    return [{ name, path: config[`${name}_claim`] as readonly string[], anyOf }];
  });
}

/** The first requirement that a token does not meet; null: it meets them all. */
export function missing(claims: Claims, requirements: readonly Requirement[]): Requirement | null {
  return (
    requirements.find(({ path, anyOf }) => {
      const value = claimAt(claims, path);
      const had = new Set<unknown>(
        Array.isArray(value) ? value : typeof value === 'string' ? value.split(' ') : [],
      );
      return !anyOf.some((together) => together.every((one) => had.has(one)));
    }) ?? null
  );
}

/** A claim as the value of a header: texts, numbers and truth values as they are, the rest as JSON in Base64; undefined: there is none. */
export function headerValue(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') return Buffer.from(JSON.stringify(value)).toString('base64');
  return String(value);
}
