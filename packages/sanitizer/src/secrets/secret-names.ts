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

/** Bytes at the end of a name by which most others are told from it. */
export const NAME_END_BYTES = 3;
/** Entries of the sieve; a power of two. */
const SIEVE_ENTRIES = 4_096;

/** A way to write a name, as {@link NAME_BYTES} has it. */
interface Spelling {
  readonly bytes: Uint8Array;
  readonly secret: SecretName;
}

/** The names whose values are never shown. Case makes no difference, nor do `_` and `-`. */
export class SecretNames {
  readonly #names: ReadonlyMap<string, SecretName>;
  /** By the hash that {@link hashStep} makes from the last byte of a name to its first. */
  readonly #spellings: (Spelling[] | null)[] = new Array<Spelling[] | null>(SIEVE_ENTRIES).fill(null);
  /** 1 where the last bytes of a name may have this hash, as {@link endHash} makes it. */
  readonly #ends: Uint8Array = new Uint8Array(SIEVE_ENTRIES);
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
    for (const [name, secret] of names)
      for (const spelled of [name, `http-${name}`]) {
        const hash = hashOf(spelled);
        this.#spellings[hash] = [...(this.#spellings[hash] ?? []), { bytes: bytesOf(spelled), secret }];
        const [third = 0, second = 0, last = 0] = bytesOf(
          spelled.slice(-NAME_END_BYTES).padStart(NAME_END_BYTES),
        );
        this.#ends[endHash(last, second, third)] = 1;
      }
    this.#names = names;
    this.lengthMax = Math.max(...[...names.keys()].map((name) => name.length)) + 'http-'.length;
  }

  /** False for most texts that no name ends, of which there are {@link NAME_END_BYTES} or more before `end`. */
  mayEndAt(bytes: Uint8Array, end: number): boolean {
    const nameBytes = NAME_BYTES;
    const second = nameBytes[bytes[end - 2]!]!;
    const third = second === 0 ? 0 : nameBytes[bytes[end - 3]!]!;
    return this.#ends[endHash(nameBytes[bytes[end - 1]!]!, second, third)] === 1;
  }

  /** The name that stands there, of which the hash is known. */
  at(bytes: Uint8Array, start: number, end: number, hash: number): SecretName | undefined {
    const spellings = this.#spellings[hash]!;
    if (spellings === null) return undefined;
    for (const spelling of spellings) if (isAt(bytes, start, end, spelling.bytes)) return spelling.secret;
    return undefined;
  }

  get(name: string): SecretName | undefined {
    return this.#names.get(normalized(name));
  }
}

/** Of the last three bytes of a name; 0 for those before a shorter one. */
function endHash(last: number, second: number, third: number): number {
  return (last * 31 * 31 + second * 31 + third) & (SIEVE_ENTRIES - 1);
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

function bytesOf(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => NAME_BYTES[character.charCodeAt(0) & 0xff]!);
}

function isAt(bytes: Uint8Array, start: number, end: number, spelled: Uint8Array): boolean {
  if (end - start !== spelled.length) return false;
  for (let at = start; at < end; at++) if (NAME_BYTES[bytes[at]!] !== spelled[at - start]) return false;
  return true;
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
