import type { KyselyPlugin, UnknownRow } from 'kysely';

/** Gives blobs as Buffers: the driver answers lists of rows with bare ArrayBuffers, and single rows with Buffers. */
export const blobsAsBuffers: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  transformResult: async ({ result }) => {
    for (const row of result.rows) convert(row);
    return result;
  },
};

function convert(row: UnknownRow): void {
  for (const name in row) {
    const value = row[name];
    if (value instanceof ArrayBuffer) row[name] = Buffer.from(value);
  }
}
