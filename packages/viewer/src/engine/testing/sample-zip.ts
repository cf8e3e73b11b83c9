/** A file of an archive to build: its text, and whether it is deflated. */
export interface SampleFile {
  readonly name: string;
  readonly text: string;
  readonly isStored?: boolean;
}

/** A ZIP archive of these files, as other programs write it. */
export async function sampleZip(files: readonly SampleFile[]): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, text, isStored = false } of files) {
    const raw = encoder.encode(text);
    const packed = isStored ? raw : await deflated(raw);
    const nameBytes = encoder.encode(name);
    const common = (view: DataView, at: number) => {
      view.setUint16(at + 4, isStored ? 0 : 8, true);
      view.setUint32(at + 14, packed.length, true);
      view.setUint32(at + 18, raw.length, true);
      view.setUint16(at + 22, nameBytes.length, true);
    };
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    common(local, 4);
    const entry = new DataView(new ArrayBuffer(46));
    entry.setUint32(0, 0x02014b50, true);
    common(entry, 6);
    entry.setUint32(42, offset, true);
    for (const piece of [new Uint8Array(local.buffer), nameBytes, packed]) {
      parts.push(piece);
      offset += piece.length;
    }
    directory.push(new Uint8Array(entry.buffer), nameBytes);
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(16, offset, true);
  return joined([...parts, ...directory, new Uint8Array(end.buffer)]);
}

async function deflated(raw: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([raw]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
