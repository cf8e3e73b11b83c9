import { writeKeyValue } from './otlp-values-writer.ts';
import { fieldKey, ProtoWriter } from './proto-writer.ts';

/** What spans are of, as the Resource field of ResourceSpans. */
export function encodeResource(attributes: Readonly<Record<string, string>>): Uint8Array {
  const writer = new ProtoWriter(1_024);
  const resource = writer.begin(fieldKey(1, 2));
  for (const [name, value] of Object.entries(attributes)) writeKeyValue(writer, 1, name, value);
  writer.end(resource);
  return writer.finish();
}
