/** An address as its bytes: 4 or 16; null where the text is none. */
export function parseIp(text: string): Uint8Array | null {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

/** Addresses remembered, at most. */
const REMEMBERED_MAX = 1_024;
const remembered = new Map<string, Uint8Array>();

/** {@link parseIp} of a text that comes again and again, as a client's address does. What it gives is not to be changed. */
export function knownIp(text: string): Uint8Array | null {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const address = parseIp(text);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  // What is no address could be long.
  if (address !== null) remembered.set(text, address);
  return address;
}

/** A network: the address, and how many of its bits count. */
export interface Network {
  readonly bytes: Uint8Array;
  readonly prefix: number;
}

/** A network in CIDR notation, or what is wrong with it. */
export function parseNetwork(text: string): Network | string {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const bits = slash < 0 ? null : text.slice(slash + 1);
  const bytes = parseIp(address);
  if (bytes === null) return `${address} is no address`;
  if (bits !== null && !/^\d{1,3}$/.test(bits)) return `/${bits} is no prefix`;
  const prefix = bits === null ? bytes.length * 8 : Number(bits);
  if (prefix > bytes.length * 8) return `/${bits} is longer than the address`;
  for (let bit = prefix; bit < bytes.length * 8; bit++) {
    if ((bytes[bit >> 3]! & (0x80 >> (bit & 7))) !== 0) return 'bits behind the prefix are set';
  }
  return { bytes, prefix };
}

/** Asks whether an address lies in a network; none does in one of the other family. */
export function insideOf({ bytes, prefix }: Network): (address: Uint8Array) => boolean {
  if (bytes.length === 4) {
    const mask = prefix === 0 ? 0 : -1 << (32 - prefix);
    const wanted = wordOf(bytes);
    return (address) => address.length === 4 && (wordOf(address) & mask) === wanted;
  }
  const whole = prefix >> 3;
  const mask = (0xff << (8 - (prefix & 7))) & 0xff;
  return (address) => {
    if (address.length !== bytes.length) return false;
    for (let index = 0; index < whole; index++) if (address[index] !== bytes[index]) return false;
    return mask === 0 || (address[whole]! & mask) === bytes[whole];
  };
}

function wordOf(address: Uint8Array): number {
  return (address[0]! << 24) | (address[1]! << 16) | (address[2]! << 8) | address[3]!;
}

function parseV4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = new Uint8Array(4);
  for (let index = 0; index < 4; index++) {
    if (!/^(0|[1-9]\d{0,2})$/.test(parts[index]!) || Number(parts[index]) > 255) return null;
    bytes[index] = Number(parts[index]);
  }
  return bytes;
}

function parseV6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...new Array<number>(halves.length === 1 ? 0 : missing).fill(0), ...tail];
  const bytes = new Uint8Array(16);
  groups.forEach((group, index) => {
    bytes[index * 2] = group >> 8;
    bytes[index * 2 + 1] = group & 0xff;
  });
  return bytes;
}

/** The groups of a part of an address; `isLast` where the address ends with it, for only there may be an IPv4 address. */
function groupsOf(text: string, isLast: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    if (part.includes('.')) {
      const v4 = isLast && index === parts.length - 1 ? parseV4(part) : null;
      if (v4 === null) return null;
      groups.push((v4[0]! << 8) | v4[1]!, (v4[2]! << 8) | v4[3]!);
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}
