import { isAt } from './bytes-at.ts';
import { readValue } from './otlp-values.ts';
import { ProtoReader } from './proto-reader.ts';
import type { AttributeValue } from './span.ts';

/** Reads a few attributes of many: the others are neither decoded nor looked at but for the length of their keys. */
export class ChosenAttributes {
  /** By the length of the key. */
  readonly #keys: (readonly EncodedKey[] | undefined)[] = [];

  constructor(keys: readonly string[]) {
    for (const key of keys) {
      const bytes = new TextEncoder().encode(key);
      this.#keys[bytes.length] = [...(this.#keys[bytes.length] ?? []), { key, bytes }];
    }
  }

  /** Those among the KeyValues under `attributesKey` in a message that has been checked and lies from `start` to before `end`. */
  read(bytes: Uint8Array, start: number, end: number, attributesKey: number): Record<string, AttributeValue> {
    const attributes: Record<string, AttributeValue> = {};
    const reader = new ProtoReader(bytes, start, end);
    while (!reader.isAtEnd) {
      const field = reader.key();
      if (field === attributesKey) this.#readKeyValue(bytes, reader, attributes);
      else reader.skip(field);
    }
    return attributes;
  }

  #readKeyValue(bytes: Uint8Array, reader: ProtoReader, into: Record<string, AttributeValue>): void {
    let key: string | null = null;
    let valueAt = -1;
    const outer = reader.enter();
    while (!reader.isAtEnd) {
      const field = reader.key();
      if (field === 0x0a) {
        const at = reader.passBytes();
        key = this.#chosen(bytes, at, reader.position - at);
      } else {
        if (field === 0x12) valueAt = reader.position;
        reader.skip(field);
      }
    }
    reader.leave(outer);
    if (key === null || valueAt < 0) return;
    const value = readValue(new ProtoReader(bytes, valueAt), 0);
    if (value !== undefined) into[key] = value;
  }

  #chosen(bytes: Uint8Array, at: number, length: number): string | null {
    const keys = this.#keys[length];
    if (keys !== undefined) for (const one of keys) if (isAt(one.bytes, bytes, at)) return one.key;
    return null;
  }
}

interface EncodedKey {
  readonly key: string;
  readonly bytes: Uint8Array;
}
