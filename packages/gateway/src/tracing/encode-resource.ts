import { fieldKey, ProtoWriter } from '@gatescope/trace';

/** What spans are of, as the Resource field of ResourceSpans. */
export function encodeResource(attributes: Readonly<Record<string, string>>): Uint8Array {
  const writer = new ProtoWriter(1_024);
  const resource = writer.begin(fieldKey(1, 2));
  for (const [name, value] of Object.entries(attributes)) {
    const pair = writer.begin(fieldKey(1, 2));
    writer.string(fieldKey(1, 2), name);
    const text = writer.begin(fieldKey(2, 2));
    writer.string(fieldKey(1, 2), value);
    writer.end(text);
    writer.end(pair);
  }
  writer.end(resource);
  return writer.finish();
}
