import { createSocket, type Socket } from 'node:dgram';
import { onTestFinished } from 'vitest';

/** What a name has; a list of strings is one of IPv4 addresses. */
export type ZoneEntry =
  | readonly string[]
  | {
      readonly A?: readonly string[];
      readonly AAAA?: readonly string[];
      readonly CNAME?: string;
      /** `priority weight port target`. */
      readonly SRV?: readonly string[];
    };

/** Records by name; a name with none answers that there are none, a name left out that there is no such name. */
type Zone = Readonly<Record<string, ZoneEntry>>;

type Record_ = readonly [type: number, data: Buffer];

const TYPES = { A: 1, CNAME: 5, AAAA: 28, SRV: 33 } as const;
type TypeName = keyof typeof TYPES;

const NO_ERROR = 0x8180;
const SERVER_FAILURE = 0x8182;
const NO_SUCH_NAME = 0x8183;

/** A DNS server over UDP on a port of its own. It follows no aliases. */
export class DnsServer {
  /** `name type` of every question, in order. */
  readonly asked: string[] = [];
  zone: Zone;
  /** How long it thinks about an answer, from when it has the question. */
  delayMs = 0;
  /** `silent`: it never answers; `failing`: it says that it can't. */
  mood: 'well' | 'silent' | 'failing' = 'well';
  readonly #socket: Socket;
  readonly #ttlSeconds: number;

  private constructor(socket: Socket, zone: Zone, ttlSeconds: number) {
    this.#socket = socket;
    this.zone = zone;
    this.#ttlSeconds = ttlSeconds;
    let isClosed = false;
    socket.once('close', () => {
      isClosed = true;
    });
    socket.on('message', (question, from) => {
      const answer = this.#answer(question);
      const send = () => {
        if (!isClosed) socket.send(answer, from.port, from.address);
      };
      if (this.mood === 'silent') return;
      if (this.delayMs > 0) setTimeout(send, this.delayMs);
      else send();
    });
  }

  /** Closed when the test is over. */
  static async start(zone: Zone, ttlSeconds = 60): Promise<DnsServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      socket.close();
    });
    return new DnsServer(socket, zone, ttlSeconds);
  }

  /** As `KONG_DNS_RESOLVER` takes it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  /** The answer to a question of one name (RFC 1035 §4). */
  #answer(question: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    while (question[at] !== 0) {
      const length = question[at]!;
      labels.push(question.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const code = question.readUInt16BE(at + 1);
    const type = (Object.keys(TYPES) as TypeName[]).find((name) => TYPES[name] === code);
    const name = labels.join('.').toLowerCase();
    this.asked.push(`${name} ${type ?? code}`);
    const entry = this.zone[name];
    const records = this.mood === 'failing' || type === undefined ? [] : recordsOf(entry, type);
    const head = Buffer.from(question.subarray(0, at + 5));
    head.writeUInt16BE(
      this.mood === 'failing' ? SERVER_FAILURE : entry === undefined ? NO_SUCH_NAME : NO_ERROR,
      2,
    );
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    return Buffer.concat([head, ...records.map((record) => this.#encode(record))]);
  }

  #encode([type, data]: Record_): Buffer {
    const head = Buffer.alloc(12);
    // The name is the one in the question.
    head.writeUInt16BE(0xc00c, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt32BE(this.#ttlSeconds, 6);
    head.writeUInt16BE(data.length, 10);
    return Buffer.concat([head, data]);
  }
}

function recordsOf(entry: ZoneEntry | undefined, type: TypeName): Record_[] {
  const { A = [], AAAA = [], CNAME, SRV = [] } = isList(entry) ? { A: entry } : (entry ?? {});
  if (CNAME !== undefined) return [[TYPES.CNAME, encodeName(CNAME)]];
  switch (type) {
    case 'A':
      return A.map((address) => [TYPES.A, Buffer.from(address.split('.').map(Number))]);
    case 'AAAA':
      return AAAA.map((address) => [TYPES.AAAA, encodeIpv6(address)]);
    case 'SRV':
      return SRV.map((record) => {
        const [priority, weight, port, target] = record.split(' ');
        const numbers = Buffer.alloc(6);
        for (const [index, value] of [priority, weight, port].entries())
          numbers.writeUInt16BE(Number(value), index * 2);
        return [TYPES.SRV, Buffer.concat([numbers, encodeName(target!)])];
      });
    default:
      return [];
  }
}

function isList(entry: ZoneEntry | undefined): entry is readonly string[] {
  return Array.isArray(entry);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  return Buffer.concat([...labels, Buffer.alloc(1)]);
}

/** `::` stands for as many zeros as are missing. */
function encodeIpv6(address: string): Buffer {
  const [left = [], right = []] = address
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  const bytes = Buffer.alloc(16);
  for (const [index, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  return bytes;
}
