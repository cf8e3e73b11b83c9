import { fieldKey, type ProtoWriter } from './proto-writer.ts';
import type { AttributeValue } from './span.ts';

/** Writes a KeyValue as the field of this number. */
export function writeKeyValue(writer: ProtoWriter, field: number, name: string, value: AttributeValue): void {
  const pair = writer.begin(fieldKey(field, 2));
  writer.string(fieldKey(1, 2), name);
  const any = writer.begin(fieldKey(2, 2));
  writeValue(writer, value);
  writer.end(any);
  writer.end(pair);
}

/** Writes the fields of an AnyValue. */
export function writeValue(writer: ProtoWriter, value: AttributeValue): void {
  if (typeof value === 'string') writer.string(fieldKey(1, 2), value);
  else if (typeof value === 'boolean') writer.bool(fieldKey(2, 0), value);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writer.int64(fieldKey(3, 0), value);
    else writer.double(fieldKey(4, 1), value);
  } else if (Array.isArray(value)) {
    const array = writer.begin(fieldKey(5, 2));
    for (const one of value as readonly AttributeValue[]) {
      const item = writer.begin(fieldKey(1, 2));
      writeValue(writer, one);
      writer.end(item);
    }
    writer.end(array);
  } else {
    const list = writer.begin(fieldKey(6, 2));
    for (const [name, one] of Object.entries(value)) writeKeyValue(writer, 1, name, one);
    writer.end(list);
  }
}
