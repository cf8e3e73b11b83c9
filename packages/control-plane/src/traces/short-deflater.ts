/** A text cut up, as it was found best for one of its length: parts that stood before, and what is between them. */
interface Cut {
  /** Of each part how long it is, and how far before it stood; 0: it did not. */
  readonly sizes: Uint16Array;
  readonly distances: Uint16Array;
  /** Bytes it may deflate to; where it comes to more, another way is looked for. */
  readonly deflatedMax: number;
}

/** Lengths of which it is known how to cut a text. */
const CUTS_MAX = 256;
/** How much longer than the first of its length a text may become, as a share. */
const CUT_SLACK = 1 / 16;

/**
 * Deflates short texts against a dictionary (RFC 1951, one block of fixed codes), in a third of the time that zlib takes, which
 * allocates anew what it needs; in a tenth, where a text of the same length was alike. Inflate with the same dictionary.
 */
export class ShortDeflater {
  readonly bytesMax: number;
  /** The dictionary, and behind it what is deflated. */
  readonly #window: Uint8Array;
  readonly #start: number;
  /** The last place of four bytes, by their hash; with the dictionary's places and nothing else in the other. */
  readonly #places: Int32Array;
  readonly #dictionaryPlaces: Int32Array;
  /** By distance: the code with its extra bits, and how many bits that is. */
  readonly #distances: Uint32Array;
  readonly #distanceBits: Uint8Array;
  readonly #out: Uint8Array;
  #length = 0;
  /** Bits that are no byte yet. */
  #held = 0;
  #heldBits = 0;
  /** The parts of the text at hand. */
  readonly #sizes: Uint16Array;
  readonly #partDistances: Uint16Array;
  #parts = 0;
  readonly #cuts = new Map<number, Cut>();

  constructor(dictionary: Uint8Array, bytesMax: number) {
    this.bytesMax = bytesMax;
    this.#start = dictionary.length;
    this.#window = new Uint8Array(dictionary.length + bytesMax);
    this.#window.set(dictionary);
    this.#places = new Int32Array(1 << HASH_BITS).fill(-1);
    for (let at = 0; at + MATCH_MIN <= dictionary.length; at++) this.#places[hashAt(this.#window, at)] = at;
    this.#dictionaryPlaces = this.#places.slice();
    [this.#distances, this.#distanceBits] = distanceCodes(Math.min(DISTANCE_MAX, this.#window.length));
    // A literal has nine bits at most.
    this.#out = new Uint8Array(Math.ceil((bytesMax * 9) / 8) + 16);
    this.#sizes = new Uint16Array(bytesMax);
    this.#partDistances = new Uint16Array(bytesMax);
  }

  /** What is answered is valid until the next call. `bytes` are {@link bytesMax} at most. */
  deflate(bytes: Uint8Array): Uint8Array {
    this.#window.set(bytes, this.#start);
    const cut = this.#cuts.get(bytes.length);
    if (cut !== undefined && this.#follow(cut)) return this.#out.subarray(0, this.#length);
    this.#search(bytes.length);
    if (this.#cuts.size >= CUTS_MAX) this.#cuts.clear();
    this.#cuts.set(bytes.length, {
      sizes: this.#sizes.slice(0, this.#parts),
      distances: this.#partDistances.slice(0, this.#parts),
      deflatedMax: Math.ceil(this.#length * (1 + CUT_SLACK)),
    });
    return this.#out.subarray(0, this.#length);
  }

  /** Cuts the text as another of its length was; false where that is not worth it. */
  #follow({ sizes, distances, deflatedMax }: Cut): boolean {
    const window = this.#window;
    this.#begin();
    let at = this.#start;
    for (let part = 0; part < sizes.length; part++) {
      const size = sizes[part]!;
      const distance = distances[part]!;
      if (distance > 0 && isRepeated(window, at, distance, size)) this.#repeat(size, distance);
      else this.#literals(at, size);
      at += size;
      if (this.#length > deflatedMax) return false;
    }
    this.#end();
    return true;
  }

  /** Looks for what stood before, and notes how it has cut the text. */
  #search(length: number): void {
    const window = this.#window;
    const places = this.#places;
    places.set(this.#dictionaryPlaces);
    const end = this.#start + length;
    const lastHashed = end - MATCH_MIN;
    this.#parts = 0;
    this.#begin();
    let literals = 0;
    for (let at = this.#start; at < end; ) {
      let size = 0;
      let distance = 0;
      if (at <= lastHashed) {
        const hash = hashAt(window, at);
        const before = places[hash]!;
        places[hash] = at;
        distance = at - before;
        if (before >= 0 && distance <= DISTANCE_MAX) {
          const sizeMax = Math.min(LENGTH_MAX, end - at);
          while (size < sizeMax && window[before + size] === window[at + size]) size++;
        }
      }
      if (size < MATCH_MIN) {
        literals++;
        at++;
        continue;
      }
      this.#part(at - literals, literals, 0);
      literals = 0;
      this.#part(at, size, distance);
      at += size;
      // One place within is enough: the others are known from where it was before.
      if (at <= lastHashed) places[hashAt(window, at - 2)] = at - 2;
    }
    this.#part(end - literals, literals, 0);
    this.#end();
  }

  #part(at: number, size: number, distance: number): void {
    if (size === 0) return;
    this.#sizes[this.#parts] = size;
    this.#partDistances[this.#parts++] = distance;
    if (distance === 0) this.#literals(at, size);
    else this.#repeat(size, distance);
  }

  #begin(): void {
    this.#length = 0;
    // The last block, of fixed codes.
    this.#held = 0b011;
    this.#heldBits = 3;
  }

  #literals(from: number, count: number): void {
    const window = this.#window;
    const out = this.#out;
    let length = this.#length;
    let held = this.#held;
    let heldBits = this.#heldBits;
    for (let at = from; at < from + count; at++) {
      const literal = window[at]!;
      held |= SYMBOLS[literal]! << heldBits;
      heldBits += SYMBOL_BITS[literal]!;
      for (; heldBits >= 8; heldBits -= 8, held >>>= 8) out[length++] = held;
    }
    this.#length = length;
    this.#held = held;
    this.#heldBits = heldBits;
  }

  #repeat(size: number, distance: number): void {
    this.#bits(LENGTHS[size]!, LENGTH_BITS[size]!);
    this.#bits(this.#distances[distance]!, this.#distanceBits[distance]!);
  }

  #bits(bits: number, count: number): void {
    const out = this.#out;
    let length = this.#length;
    let held = this.#held | (bits << this.#heldBits);
    let heldBits = this.#heldBits + count;
    for (; heldBits >= 8; heldBits -= 8, held >>>= 8) out[length++] = held;
    this.#length = length;
    this.#held = held;
    this.#heldBits = heldBits;
  }

  #end(): void {
    this.#bits(SYMBOLS[END_OF_BLOCK]!, SYMBOL_BITS[END_OF_BLOCK]!);
    if (this.#heldBits > 0) this.#out[this.#length++] = this.#held;
  }
}

const HASH_BITS = 12;
/** Shorter ones gain nothing. */
const MATCH_MIN = 4;
/** RFC 1951, 3.2.5. */
const LENGTH_MAX = 258;
const DISTANCE_MAX = 32_768;
const END_OF_BLOCK = 256;

function hashAt(bytes: Uint8Array, at: number): number {
  const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  return Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS);
}

function isRepeated(bytes: Uint8Array, at: number, distance: number, size: number): boolean {
  for (let index = at; index < at + size; index++) if (bytes[index] !== bytes[index - distance]) return false;
  return true;
}

/** A code as it is written: its first bit is the lowest. */
function reversed(code: number, bits: number): number {
  let value = 0;
  for (let bit = 0; bit < bits; bit++) value |= ((code >>> bit) & 1) << (bits - 1 - bit);
  return value;
}

/** RFC 1951, 3.2.6: the fixed codes of literals, the end and lengths. */
const SYMBOL_BITS = Uint8Array.from({ length: 288 }, (_, symbol) =>
  symbol < 144 || symbol > 279 ? 8 : symbol < 256 ? 9 : 7,
);
const SYMBOLS = Uint32Array.from({ length: 288 }, (_, symbol) => {
  if (symbol < 144) return reversed(0x30 + symbol, 8);
  if (symbol < 256) return reversed(0x190 + symbol - 144, 9);
  return symbol < 280 ? reversed(symbol - 256, 7) : reversed(0xc0 + symbol - 280, 8);
});

/** By length: the code with its extra bits, and how many bits that is. */
const LENGTHS = new Uint32Array(LENGTH_MAX + 1);
const LENGTH_BITS = new Uint8Array(LENGTH_MAX + 1);
for (let symbol = 257, from = 3; symbol < 286; symbol++) {
  const extra = symbol < 265 || symbol === 285 ? 0 : (symbol - 261) >> 2;
  // The longest has a code of its own, though the one before could tell it.
  if (symbol === 285) from = LENGTH_MAX;
  for (let rest = 0; rest < 1 << extra && from <= LENGTH_MAX; rest++, from++) {
    LENGTHS[from] = SYMBOLS[symbol]! | (rest << SYMBOL_BITS[symbol]!);
    LENGTH_BITS[from] = SYMBOL_BITS[symbol]! + extra;
  }
}

function distanceCodes(distanceMax: number): [codes: Uint32Array, bits: Uint8Array] {
  const codes = new Uint32Array(distanceMax + 1);
  const bits = new Uint8Array(distanceMax + 1);
  for (let symbol = 0, from = 1; from <= distanceMax; symbol++) {
    const extra = symbol < 4 ? 0 : (symbol >> 1) - 1;
    for (let rest = 0; rest < 1 << extra && from <= distanceMax; rest++, from++) {
      codes[from] = reversed(symbol, 5) | (rest << 5);
      bits[from] = 5 + extra;
    }
  }
  return [codes, bits];
}
