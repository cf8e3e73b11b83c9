/** Files of an archive that are read, at most. */
const ENTRIES_MAX = 50_000;
/** Bytes of all files of an archive together, unpacked, at most. */
export const UNPACKED_BYTES_MAX = 512 * 1_048_576;

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;

/** A file of an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Unpacks it. Throws `ZipError`. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Says what of an archive can't be read. */
export class ZipError extends Error {}

/** Whether bytes begin as an archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length > 3 && bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/**
 * The files of a ZIP archive (PKWARE APPNOTE 6.3: stored and deflated; no encryption, no ZIP64, no parts). What its files unpack to is bounded
 * for all of them together. Throws `ZipError`.
 */
export function zipEntries(bytes: Uint8Array<ArrayBuffer>): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOfDirectory(view);
  const count = view.getUint16(end + 10, true);
  const decoder = new TextDecoder();
  const budget = { left: UNPACKED_BYTES_MAX };
  const entries: ZipEntry[] = [];
  if (count > ENTRIES_MAX || count === 0xffff)
    throw new ZipError(`the archive has more than ${ENTRIES_MAX} files`);
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== ENTRY_SIGNATURE)
      throw new ZipError('the directory of the archive is damaged');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) =>
      view.getUint16(at + offset, true),
    );
    const name = decoder.decode(bytes.subarray(at + 46, at + 46 + nameBytes!));
    const place = {
      name,
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      local: view.getUint32(at + 42, true),
    };
    if (!name.endsWith('/')) entries.push({ name, read: () => unpacked(bytes, view, place, budget) });
    at += 46 + nameBytes! + extraBytes! + commentBytes!;
  }
  return entries;
}

function endOfDirectory(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - END_BYTES - COMMENT_BYTES_MAX);
  for (let at = view.byteLength - END_BYTES; at >= lowest; at--)
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  throw new ZipError('the archive has no directory: it may have been cut off');
}

interface Place {
  readonly name: string;
  readonly isEncrypted: boolean;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly packed: number;
  /** Where the file's own head begins. */
  readonly local: number;
}

async function unpacked(
  bytes: Uint8Array<ArrayBuffer>,
  view: DataView,
  { name, isEncrypted, method, packed, local }: Place,
  budget: { left: number },
): Promise<Uint8Array<ArrayBuffer>> {
  if (isEncrypted) throw new ZipError(`${name} is encrypted`);
  if (method !== 0 && method !== 8)
    throw new ZipError(`${name} is packed by method ${method}, which is not known`);
  if (local + 30 > bytes.length || view.getUint32(local, true) !== LOCAL_SIGNATURE)
    throw new ZipError(`${name} is damaged`);
  const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (from + packed > bytes.length) throw new ZipError(`${name} is cut off`);
  const raw = bytes.subarray(from, from + packed);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const take = (chunk: Uint8Array) => {
    size += chunk.length;
    budget.left -= chunk.length;
    if (budget.left < 0)
      throw new ZipError(`the archive holds more than ${UNPACKED_BYTES_MAX / 1_048_576} MiB`);
    chunks.push(chunk);
  };
  if (method === 0) take(raw);
  else await inflate(raw, name, take);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

async function inflate(
  raw: Uint8Array<ArrayBuffer>,
  name: string,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const reader = new Blob([raw]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) take(step.value);
  } catch (error) {
    if (error instanceof ZipError) throw error;
    throw new ZipError(`${name} is damaged`);
  } finally {
    await reader.cancel().catch(() => {});
  }
}
