import { createSocket, type Socket } from 'node:dgram';
import { onTestFinished } from 'vitest';

/** Addresses by name; an empty list answers that there are none, a name left out that there is no such name. */
type Zone = Readonly<Record<string, readonly string[]>>;

const TYPE_A = 1;

/** A DNS server for A records, over UDP on a port of its own. */
export class DnsServer {
  /** `name type` of every question, in order. */
  readonly asked: string[] = [];
  zone: Zone;
  readonly #socket: Socket;
  readonly #ttlSeconds: number;

  private constructor(socket: Socket, zone: Zone, ttlSeconds: number) {
    this.#socket = socket;
    this.zone = zone;
    this.#ttlSeconds = ttlSeconds;
    socket.on('message', (question, from) => socket.send(this.#answer(question), from.port, from.address));
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
    const type = question.readUInt16BE(at + 1);
    const name = labels.join('.').toLowerCase();
    this.asked.push(`${name} ${type === TYPE_A ? 'A' : type === 28 ? 'AAAA' : type}`);
    const addresses = this.zone[name];
    const records = type === TYPE_A ? (addresses ?? []) : [];
    const head = Buffer.from(question.subarray(0, at + 5));
    head.writeUInt16BE(addresses === undefined ? 0x8183 : 0x8180, 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    return Buffer.concat([head, ...records.map((address) => this.#record(address))]);
  }

  #record(address: string): Buffer {
    const record = Buffer.alloc(16);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(TYPE_A, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(this.#ttlSeconds, 6);
    record.writeUInt16BE(4, 10);
    record.set(address.split('.').map(Number), 12);
    return record;
  }
}
