import { textOf } from './bytes-text.ts';

/** Ids of the header fields the engine or a gateway decides by; 0 stands for any other. */
export const HEADER = {
  other: 0,
  host: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  upgrade: 5,
  expect: 6,
  te: 7,
  trailer: 8,
  keepAlive: 9,
  proxyConnection: 10,
} as const;

interface KnownName {
  /** As it is spelled. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly lower: string;
  readonly id: number;
}

const IDS: Readonly<Record<string, number>> = {
  host: HEADER.host,
  connection: HEADER.connection,
  'content-length': HEADER.contentLength,
  'transfer-encoding': HEADER.transferEncoding,
  upgrade: HEADER.upgrade,
  expect: HEADER.expect,
  te: HEADER.te,
  trailer: HEADER.trailer,
  'keep-alive': HEADER.keepAlive,
  'proxy-connection': HEADER.proxyConnection,
};

/** Distinct spellings of header names remembered; beyond it a name is lowered each time. */
const NAMES_MAX = 4_096;
const names = new Map<string, KnownName>();
/** Of the names those seen last, by length, first and last character: they are found without being cut out. */
const RECENT = 512;
const recent: (KnownName | null)[] = new Array<KnownName | null>(RECENT).fill(null);

/** The lower-case form and id of a field name; spellings seen before cost one look-up. */
export function knownName(name: string): KnownName {
  const known = names.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const id = Object.hasOwn(IDS, lower) ? IDS[lower]! : HEADER.other;
  // A copy, since a substring would keep the whole head it was cut from alive.
  const bytes = Buffer.from(name, 'latin1');
  const copy = bytes.toString('latin1');
  const fresh = { name: copy, bytes: new Uint8Array(bytes), lower, id };
  if (names.size < NAMES_MAX) names.set(copy, fresh);
  return fresh;
}

/** The field name, not empty, that stands in `bytes` from `start` to before `end`. */
export function knownNameAt(bytes: Buffer, start: number, end: number): KnownName {
  const slot = ((end - start) * 37 + bytes[start]! * 7 + bytes[end - 1]!) & (RECENT - 1);
  const seen = recent[slot];
  if (seen && isAt(bytes, start, end, seen.bytes)) return seen;
  const known = knownName(textOf(bytes, start, end));
  recent[slot] = known;
  return known;
}

function isAt(bytes: Buffer, start: number, end: number, name: Uint8Array): boolean {
  if (name.length !== end - start) return false;
  for (let index = 0; index < name.length; index++) if (bytes[start + index] !== name[index]) return false;
  return true;
}

/** Field lines in the order they came, names spelled as they came and looked up without regard to case. */
export class Headers {
  readonly names: string[] = [];
  readonly lowerNames: string[] = [];
  readonly values: string[] = [];

  get length(): number {
    return this.names.length;
  }

  /** The value of the first line of that name (given in lower case), or undefined. */
  get(lowerName: string): string | undefined {
    const index = this.lowerNames.indexOf(lowerName);
    return index < 0 ? undefined : this.values[index];
  }

  has(lowerName: string): boolean {
    return this.lowerNames.includes(lowerName);
  }

  /** The values of all lines of that name, in order. */
  getAll(lowerName: string): string[] {
    const found: string[] = [];
    for (let index = 0; index < this.lowerNames.length; index++) {
      if (this.lowerNames[index] === lowerName) found.push(this.values[index]!);
    }
    return found;
  }

  /** Adds a line at the end. The caller answers for name and value being legal; see {@link isFieldName} and {@link isFieldValue}. */
  append(name: string, value: string): void {
    this.names.push(name);
    this.lowerNames.push(knownName(name).lower);
    this.values.push(value);
  }

  /** Replaces the first line of that name and removes the others, or adds one. */
  set(name: string, value: string): void {
    const { lower } = knownName(name);
    const index = this.lowerNames.indexOf(lower);
    if (index < 0) {
      this.append(name, value);
      return;
    }
    this.values[index] = value;
    this.#removeFrom(lower, index + 1);
  }

  /** Removes every line of that name (given in lower case). */
  remove(lowerName: string): void {
    this.#removeFrom(lowerName, 0);
  }

  #removeFrom(lowerName: string, from: number): void {
    for (
      let index = this.lowerNames.indexOf(lowerName, from);
      index >= 0;
      index = this.lowerNames.indexOf(lowerName, index)
    ) {
      this.names.splice(index, 1);
      this.lowerNames.splice(index, 1);
      this.values.splice(index, 1);
    }
  }

  /** An independent copy. */
  clone(): Headers {
    const copy = new Headers();
    for (let index = 0; index < this.names.length; index++) {
      copy.names.push(this.names[index]!);
      copy.lowerNames.push(this.lowerNames[index]!);
      copy.values.push(this.values[index]!);
    }
    return copy;
  }
}

/** Whether the text is a field name: a token (RFC 9110 §5.6.2). */
export function isFieldName(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}

/** Whether the text can stand as a field value: no control characters but tab (RFC 9110 §5.5), nothing beyond one byte a character. */
export function isFieldValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

/** Where a field value from `start` to `end` ends without the spaces and tabs behind it; other bytes, A0 too, are part of it. */
export function valueEndOf(text: string, start: number, end: number): number {
  while (end > start && (text.charCodeAt(end - 1) === 32 || text.charCodeAt(end - 1) === 9)) end--;
  return end;
}

const KEEP_ALIVE = 'keep-alive';
/** Fields that belong to one connection and are never passed on (RFC 9110 §7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a field of that lower-case name concerns this connection alone; `connection` is the value of the Connection field. */
export function isHopByHop(lowerName: string, connection: string | undefined): boolean {
  if (HOP_BY_HOP.has(lowerName)) return true;
  return connection !== undefined && namesOption(connection, lowerName);
}

/** Whether a Connection field's value lists the option (given in lower case). */
export function namesOption(connection: string, option: string): boolean {
  if (connection === KEEP_ALIVE || connection.length < option.length) return connection === option;
  const lower = connection.toLowerCase();
  if (lower === option) return true;
  if (!lower.includes(option)) return false;
  return lower.split(',').some((part) => part.trim() === option);
}
