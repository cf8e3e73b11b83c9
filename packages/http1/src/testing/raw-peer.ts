import net from 'node:net';

/**
 * One end of a connection, to the byte: sends exactly what it is told to and shows exactly what came. Text is latin1, one
 * character a byte. Nothing is timed: whoever waits is woken by what arrives, or by the end of the connection.
 */
export class RawPeer {
  readonly socket: net.Socket;
  #received = '';
  #over: string | null = null;
  readonly #woken = new Set<() => void>();

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.latin1Slice();
      this.#wake();
    });
    socket.on('end', () => this.#finish('ended'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#finish(error.code ?? error.message));
    socket.on('close', () => this.#finish('closed'));
  }

  /** Connects to a port of this machine. */
  static connect(port: number): Promise<RawPeer> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawPeer(socket));
      });
    });
  }

  /** Everything that came so far. */
  get received(): string {
    return this.#received;
  }

  /** How the other side ended the connection (`ended`, `closed` or an error code), or null. */
  get over(): string | null {
    return this.#over;
  }

  send(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Sends bytes cut at these offsets, each piece in a segment and a turn of the event loop of its own. */
  async sendSplit(bytes: string, at: readonly number[]): Promise<void> {
    let from = 0;
    // A connection just made is still to be accepted on the other side.
    if (at.length > 0) await turn();
    if (at.length > 0) await turn();
    for (const to of [...at, bytes.length]) {
      if (to <= from) continue;
      this.send(bytes.slice(from, to));
      from = to;
      await turn();
    }
  }

  /** Ends this side's half of the connection. */
  finish(): void {
    this.socket.end();
  }

  /** Drops the connection with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Resolves with everything that came once it is so many bytes, or more. Rejects if the connection ends before. */
  async bytes(count: number): Promise<string> {
    while (this.#received.length < count) await this.#next(`${count} bytes`);
    return this.#received;
  }

  /** Resolves with everything that came once `text` is in it, `times` times. Rejects if the connection ends before. */
  async holding(text: string, times = 1): Promise<string> {
    while (this.#received.split(text).length <= times) await this.#next(`${times} × ${JSON.stringify(text)}`);
    return this.#received;
  }

  /** Resolves with everything that came once the other side has ended the connection, in whatever way. */
  async ended(): Promise<string> {
    while (this.#over === null) await this.#change();
    return this.#received;
  }

  async #next(what: string): Promise<void> {
    if (this.#over !== null)
      throw new Error(
        `${this.#over} instead of ${what}, after ${JSON.stringify(this.#received.slice(-500))}`,
      );
    await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#woken.add(resolve));
  }

  #finish(how: string): void {
    this.#over ??= how;
    this.#wake();
  }

  #wake(): void {
    const woken = [...this.#woken];
    this.#woken.clear();
    for (const resolve of woken) resolve();
  }
}

/** One turn of the event loop: what the kernel holds for this process has been read when it resolves. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
