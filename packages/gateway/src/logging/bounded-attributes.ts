import type { LogAttributes } from '@gatescope/base';
import type { AttributeValue } from '@gatescope/trace';

/** What of one log line's attributes is kept; the rest is left out, and a mark says so. */
export const ATTRIBUTE_LIMITS = {
  /** Attributes of a line, and members of a value. */
  countMax: 64,
  /** Characters of a text. */
  charactersMax: 4_096,
  /** Characters of a name. */
  nameCharactersMax: 256,
  /** How deep values nest. */
  depthMax: 4,
  /** Values of a line, over all depths. */
  valuesMax: 256,
} as const;

const CIRCULAR = '[circular]';
const LEFT_OUT = '[left out]';

/**
 * The attributes of a log line as they can be kept: plain values within {@link ATTRIBUTE_LIMITS}, whatever was given. Cycles are cut, getters
 * that throw are told, and nothing is called that could take long.
 */
export function boundedAttributes(attributes: unknown): Record<string, AttributeValue> {
  if (typeof attributes !== 'object' || attributes === null) return {};
  return new Bounder().record(attributes, 0);
}

/** A text of at most `max` characters; a longer one says how long it was. */
export function boundedText(text: string, max: number = ATTRIBUTE_LIMITS.charactersMax): string {
  return text.length <= max ? text : `${text.slice(0, max)}… (${text.length} characters)`;
}

/** The same for a log that takes no lists and records: those as JSON text. */
export function plainAttributes(attributes: unknown): LogAttributes | undefined {
  if (attributes === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(boundedAttributes(attributes)).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : value,
    ]),
  );
}

class Bounder {
  #values = 0;
  /** The objects that the one at hand lies in. */
  readonly #path = new Set<object>();

  record(source: object, depth: number): Record<string, AttributeValue> {
    const record: Record<string, AttributeValue> = {};
    this.#path.add(source);
    let count = 0;
    for (const name of Object.keys(source)) {
      if (++count > ATTRIBUTE_LIMITS.countMax) {
        record['…'] = LEFT_OUT;
        break;
      }
      const value = this.#value(member(source, name), depth + 1);
      if (value !== undefined)
        Object.defineProperty(record, boundedText(name, ATTRIBUTE_LIMITS.nameCharactersMax), {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        });
    }
    this.#path.delete(source);
    return record;
  }

  #value(value: unknown, depth: number): AttributeValue | undefined {
    if (++this.#values > ATTRIBUTE_LIMITS.valuesMax) return LEFT_OUT;
    switch (typeof value) {
      case 'string':
        return boundedText(value);
      case 'number':
      case 'boolean':
        return value;
      case 'object':
        return value === null ? undefined : this.#object(value, depth);
      case 'undefined':
        return undefined;
      case 'function':
        return '[function]';
      default:
        return boundedText(String(value));
    }
  }

  #object(value: object, depth: number): AttributeValue {
    if (value instanceof Error) return boundedText(`${value.name}: ${value.message}`);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (this.#path.has(value)) return CIRCULAR;
    if (depth >= ATTRIBUTE_LIMITS.depthMax) return LEFT_OUT;
    if (!Array.isArray(value)) return this.record(value, depth);
    this.#path.add(value);
    const items = value
      .slice(0, ATTRIBUTE_LIMITS.countMax)
      .map((item) => this.#value(item, depth + 1) ?? 'null');
    if (value.length > ATTRIBUTE_LIMITS.countMax) items.push(LEFT_OUT);
    this.#path.delete(value);
    return items;
  }
}

function member(source: object, name: string): unknown {
  try {
    return (source as Record<string, unknown>)[name];
  } catch {
    return '[unreadable]';
  }
}
