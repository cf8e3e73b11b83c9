import { constants, type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { randomHex } from '@gatescope/base';

/** Linux' flag for a file that never has a name: __O_TMPFILE of open(2), which Node has no constant for. */
const TMPFILE = 0o20000000 | constants.O_DIRECTORY;
/** What systems answer that have no such files. */
const UNSUPPORTED: ReadonlySet<string | undefined> = new Set(['EISDIR', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP']);

/**
 * Opens an empty file for reading and writing that is in the directory without a name: nobody else finds it, and it is gone with the
 * process, however that ends. Rejects with the system's error.
 */
export async function openUnnamedFile(directory: string): Promise<FileHandle> {
  if (process.platform === 'linux') {
    try {
      return await open(directory, TMPFILE | constants.O_RDWR, 0o600);
    } catch (error) {
      if (!UNSUPPORTED.has((error as NodeJS.ErrnoException).code)) throw error;
    }
  }
  const path = join(directory, `gatescope-body-${randomHex(16)}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    // Before a byte is in it: what a process killed here leaves behind is empty.
    await unlink(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
