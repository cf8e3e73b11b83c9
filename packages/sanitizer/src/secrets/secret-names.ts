/** How the value that follows a name is masked. */
export type SecretKind =
  /** `scheme parameters`, of which the scheme stays. */
  | 'credentials'
  /** Pairs of name and value, of which the names stay. */
  | 'cookies'
  | 'value';

/** A name whose value is never shown. */
export interface SecretName {
  readonly kind: SecretKind;
  /** The rule that says so, as {@link Redaction.rule} tells it. */
  readonly rule: string;
  /** Only before an equals sign: in a query, a form or a line of a log, since as a member of JSON it is too common a word. */
  readonly isParameter: boolean;
}

/** Headers that are masked for everyone. */
export const SECRET_HEADERS = [
  'apikey',
  'api-key',
  'x-api-key',
  'x-consumer-username',
  'x-consumer-custom-id',
  'x-consumer-id',
  'x-credential-identifier',
] as const;

/** Parameters of a query or form that are masked for everyone. */
export const SECRET_PARAMETERS = [
  'access-token',
  'refresh-token',
  'id-token',
  'token',
  'auth-token',
  'client-secret',
  'secret',
  'password',
  'passwd',
  'sig',
  'signature',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
] as const;

const DEFAULTS: readonly (readonly [string, SecretName])[] = [
  ['authorization', { kind: 'credentials', rule: 'authorization', isParameter: false }],
  ['proxy-authorization', { kind: 'credentials', rule: 'authorization', isParameter: false }],
  ['cookie', { kind: 'cookies', rule: 'name:cookie', isParameter: false }],
  ['set-cookie', { kind: 'cookies', rule: 'name:set-cookie', isParameter: false }],
  ...SECRET_HEADERS.map((name) => masked(name, `name:${name}`, false)),
  ...SECRET_PARAMETERS.map((name) => masked(name, `name:${name}`, true)),
];

/** Bytes that names consist of, in lower case and with hyphens for what joins words; 0 for all others. */
export const NAME_BYTES: Uint8Array = new Uint8Array(256);
for (const character of '-_.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')
  NAME_BYTES[character.charCodeAt(0)] = normalized(character).charCodeAt(0);

/** Entries of the sieve; a power of two. */
const SIEVE_ENTRIES = 4_096;

/** The names whose values are never shown. Case makes no difference, nor do `_` and `-`. */
export class SecretNames {
  readonly #names: ReadonlyMap<string, SecretName>;
  /** 1 where a name may have this hash, which {@link hashStep} makes from its last byte to its first. */
  readonly #sieve: Uint8Array = new Uint8Array(SIEVE_ENTRIES);
  readonly lengthMax: number;

  /** With the names that key-auth plugins take keys from. */
  constructor(keyNames: readonly string[]) {
    const names = new Map(DEFAULTS);
    for (const name of keyNames) {
      const normal = normalized(name);
      const known = names.get(normal);
      if (known === undefined || known.isParameter)
        names.set(...masked(normal, `key_name:${name.toLowerCase()}`, false));
    }
    names.delete('');
    for (const name of names.keys())
      for (const spelled of [name, `http-${name}`]) this.#sieve[hashOf(spelled)] = 1;
    this.#names = names;
    this.lengthMax = Math.max(...[...names.keys()].map((name) => name.length)) + 'http-'.length;
  }

  /** False for most hashes of what is no name. */
  mayHave(hash: number): boolean {
    return this.#sieve[hash] === 1;
  }

  get(name: string): SecretName | undefined {
    return this.#names.get(normalized(name));
  }
}

/** The hash with one more byte of a name, as {@link NAME_BYTES} has it. */
export function hashStep(hash: number, byte: number): number {
  return (hash * 31 + byte) & (SIEVE_ENTRIES - 1);
}

function hashOf(name: string): number {
  let hash = 0;
  for (let at = name.length - 1; at >= 0; at--)
    hash = hashStep(hash, NAME_BYTES[name.charCodeAt(at) & 0xff]!);
  return hash;
}

function masked(name: string, rule: string, isParameter: boolean): readonly [string, SecretName] {
  return [name, { kind: 'value', rule, isParameter }];
}

/** Programs that get headers as variables know them as `HTTP_X_API_KEY` (RFC 3875, 4.1.18). */
function normalized(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^http-/, '');
}
