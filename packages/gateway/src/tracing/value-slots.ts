import type { AttributeValue } from '@gatescope/trace';
import type { Masking } from './masking.ts';
import { ATTRIBUTES, attribute, IS_DOUBLE } from './span-kinds.ts';
import { LONG_INT_BYTES, LONG_INT_MAX, putInt, SHORT_INT_BYTES, SHORT_INT_MAX } from './span-writer.ts';
import type { StencilPlan } from './stencil-plan.ts';

/** Texts that are few: traces that differ in them have different shapes. */
const STEADY: ReadonlySet<string> = new Set([
  'http.request.method',
  'network.protocol.name',
  'network.protocol.version',
  'proxy.kong.plugin.instance_id',
  'proxy.kong.router.route_id',
  'proxy.kong.router.service_id',
  'proxy.kong.upstream.lb_algorithm',
  'proxy.kong.upstream_id',
  'tls.cipher',
  'url.scheme',
]);
const IS_STEADY = ATTRIBUTES.map(({ name }) => STEADY.has(name));
const REQUEST_ID = attribute('proxy.kong.request.id');

/** How the value of an attribute gets into a fill: not at all, since it is the same in every trace of the shape, or by its type. */
const SLOT = { same: 0, double: 1, shortInt: 2, longInt: 3, boolean: 4, text: 5 } as const;

/** Not looked up at every call; see `bytes-text.ts` of the engine. */
const { utf8Write } = Buffer.prototype;

/** The values of some attributes in the traces of one shape: which are the same in all, and where the others stand in a fill. */
export class ValueSlots {
  readonly #kinds: number[] = [];
  /** Attribute numbers. */
  readonly #keys: number[] = [];
  /** Where in the fill. */
  readonly #places: number[] = [];
  /** Bytes of texts. */
  readonly #lengths: number[] = [];
  /** What is the same in all; of texts what the fill holds now, where it is known. */
  readonly #values: (AttributeValue | null | undefined)[] = [];

  get length(): number {
    return this.#kinds.length;
  }

  /**
   * Takes the value that the next attribute has in the trace a shape is made of, encoded up to `end` of the bytes. What is no number, text or
   * boolean, and what is not encoded as such, is the same in all traces of the shape.
   */
  add(
    key: number,
    value: AttributeValue | null | undefined,
    end: number,
    plan: StencilPlan,
    masking: Masking,
  ): void {
    const textBytes =
      typeof value === 'string' && IS_STEADY[key] !== true ? masking.text(key, value).length : 0;
    const isText = textBytes > 0 && isAscii(plan.bytes, end - textBytes, textBytes);
    const kind = isText ? SLOT.text : kindOf(key, value);
    const size = isText ? textBytes : SIZES[kind]!;
    this.#kinds.push(kind);
    this.#keys.push(key);
    this.#lengths.push(size);
    this.#values.push(kind === SLOT.same ? value : undefined);
    this.#places.push(kind === SLOT.same ? -1 : plan.gap(end - size, size));
  }

  /** Puts the value that an attribute has in a trace into the fill; false where it does not fit. */
  put(
    index: number,
    value: AttributeValue | null | undefined,
    fill: Buffer,
    view: DataView,
    masking: Masking,
  ): boolean {
    switch (this.#kinds[index]) {
      case SLOT.double:
        if (typeof value !== 'number') return false;
        view.setFloat64(this.#places[index]!, value, true);
        return true;
      case SLOT.shortInt:
        if (!isInt(value, 0, SHORT_INT_MAX)) return false;
        putInt(fill, this.#places[index]!, value, SHORT_INT_BYTES);
        return true;
      case SLOT.longInt:
        if (!isInt(value, SHORT_INT_MAX + 1, LONG_INT_MAX)) return false;
        putInt(fill, this.#places[index]!, value, LONG_INT_BYTES);
        return true;
      case SLOT.boolean:
        if (typeof value !== 'boolean') return false;
        fill[this.#places[index]!] = value ? 1 : 0;
        return true;
      case SLOT.text:
        return value === this.#values[index] || this.#putText(index, value, fill, masking);
      default:
        return value === this.#values[index];
    }
  }

  #putText(index: number, value: AttributeValue | null | undefined, fill: Buffer, masking: Masking): boolean {
    if (typeof value !== 'string') return false;
    const text = masking.text(this.#keys[index]!, value);
    const length = this.#lengths[index]!;
    if (text.length !== length) return false;
    const place = this.#places[index]!;
    this.#values[index] = undefined;
    // What is not ASCII takes more bytes: not all of it is written, or a byte of it is above 127.
    if (utf8Write.call(fill, text, place, length) !== length || !isAscii(fill, place, length)) return false;
    // A copy, since a substring would keep the whole head it was cut from alive; and none of what is masked, or never comes again.
    if (text === value && this.#keys[index] !== REQUEST_ID)
      this.#values[index] = fill.latin1Slice(place, place + length);
    return true;
  }
}

/** Bytes of a kind of slot, but for texts. */
const SIZES = [0, 8, SHORT_INT_BYTES, LONG_INT_BYTES, 1];

/** Of what is no text that differs from trace to trace. */
function kindOf(key: number, value: AttributeValue | null | undefined): number {
  if (typeof value === 'boolean') return SLOT.boolean;
  if (typeof value !== 'number') return SLOT.same;
  if (IS_DOUBLE[key] === true) return SLOT.double;
  if (isInt(value, 0, SHORT_INT_MAX)) return SLOT.shortInt;
  return isInt(value, 0, LONG_INT_MAX) ? SLOT.longInt : SLOT.same;
}

function isInt(value: AttributeValue | null | undefined, min: number, max: number): value is number {
  return typeof value === 'number' && value >= min && value <= max;
}

function isAscii(bytes: Uint8Array, at: number, length: number): boolean {
  let bits = 0;
  for (let index = at; index < at + length; index++) bits |= bytes[index]!;
  return bits < 0x80;
}
