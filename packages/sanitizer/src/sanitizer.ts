import type { Clock } from '@gatescope/base';
import { startOfCutDigits, startOfCutWord } from './body/cut.ts';
import { jsonRanges } from './body/json-ranges.ts';
import { boundaryOf, type Part, partsOf } from './body/multipart.ts';
import { opaqueReason } from './body/opaque.ts';
import { CardFinder } from './cards/find-cards.ts';
import { readJson } from './json/read-json.ts';
import type { Query } from './json-path/ast.ts';
import { selectNodes } from './json-path/select-nodes.ts';
import { MASK, Masks } from './mask.ts';
import type { Pattern } from './pattern/pattern.ts';
import { type Redaction, RedactionCounter } from './redaction.ts';
import { compileRules, type RuleSet } from './rules/rule.ts';
import { SecretFinder } from './secrets/find-secrets.ts';
import { markText } from './secrets/mark-value.ts';
import { type SecretName, SecretNames } from './secrets/secret-names.ts';
import { DecodedText } from './text/decoded-text.ts';
import { WorkLimit, WorkLimitExceeded } from './work-limit.ts';

/** One header as it was on the wire. */
export type HeaderPair = readonly [name: string, value: string];

export interface SanitizerOptions {
  /** Rules of the session and of the organisation; they add to the built-in ones. */
  readonly rules?: readonly RuleSet[];
  /** The names that key-auth plugins in force take keys from. */
  readonly keyNames?: readonly string[];
  /**
   * Digits are a card only where they have a brand's prefix and length. Spares time stamps, and is less than what is promised
   * otherwise.
   */
  readonly issuersOnly?: boolean;
  readonly clock?: Clock;
  /** Milliseconds of CPU time that the process has used, by which the work of rules is limited; left out: the time that passes. */
  readonly cpuMs?: () => number;
}

/** What is said about a body besides its bytes. */
export interface BodyContext {
  /** The value of its Content-Type header. */
  readonly contentType: string | null;
  /** The body goes on after these bytes: what could be the beginning of a card at their end is dropped. */
  readonly isCut?: boolean;
  /** What redactions call the place; `body` unless told otherwise. */
  readonly where?: string;
}

export interface SanitizedBody {
  /** Without content codings. Where the body could not be scanned, a line that says so. */
  readonly bytes: Uint8Array;
  readonly isScanned: boolean;
  readonly redactions: readonly Redaction[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Texts without any of these hold nothing that is looked for but what patterns find. */
const MAY_HOLD_SECRET = /[:=@]|\d(?:[^\d]*\d){11}|(?:bearer|basic|negotiate)[ +%]/i;

/**
 * Makes a sanitizer. It keeps no state from one value to the next. Throws `invalid_request` with the place of everything that is wrong with
 * the rules.
 */
export function createSanitizer(options: SanitizerOptions = {}): Sanitizer {
  return new Sanitizer(options);
}

/**
 * Masks secrets in what was captured: card numbers with as many asterisks, everything else with {@link MASK}. Portable, linear, and closed
 * where it fails: what could not be looked through is not given out.
 */
export class Sanitizer {
  readonly #cards: CardFinder;
  readonly #names: SecretNames;
  readonly #secrets: SecretFinder;
  readonly #headers = new Map<string, string>();
  readonly #patterns: { readonly name: string; readonly pattern: Pattern }[] = [];
  readonly #paths: { readonly name: string; readonly query: Query }[] = [];
  readonly #clock: Clock | undefined;
  readonly #cpuMs: (() => number) | undefined;

  constructor(options: SanitizerOptions) {
    this.#cards = new CardFinder(options.issuersOnly ?? false);
    this.#names = new SecretNames(options.keyNames ?? []);
    this.#secrets = new SecretFinder(this.#names);
    this.#clock = options.clock;
    this.#cpuMs = options.cpuMs;
    for (const rule of compileRules(options.rules ?? [])) {
      if (rule.kind === 'header') this.#headers.set(rule.header, this.#headers.get(rule.header) ?? rule.name);
      else if (rule.kind === 'pattern') this.#patterns.push(rule);
      else this.#paths.push(rule);
    }
  }

  /** The headers with their secrets masked; names and order stay. */
  headers(headers: readonly HeaderPair[]): { headers: [string, string][]; redactions: Redaction[] } {
    const counter = new RedactionCounter();
    const masked = headers.map(([name, value]): [string, string] => {
      const shown = this.text(name, 'headers');
      for (const { where, rule, count } of shown.redactions) counter.add(where, rule, count);
      return [shown.text, this.#headerValue(name, value, counter)];
    });
    return { headers: masked, redactions: counter.list() };
  }

  /** A body without its content codings, which the caller takes off. Any bytes at all are taken. */
  body(bytes: Uint8Array, context: BodyContext): SanitizedBody {
    const { contentType, isCut = false, where = 'body' } = context;
    const counter = new RedactionCounter();
    const reason = opaqueReason(bytes, contentType);
    if (reason !== null) return notScanned(reason, where);
    try {
      const kept = isCut ? this.#cutOff(bytes, where, counter) : bytes;
      const masks = new Masks();
      const limit = new WorkLimit(this.#clock, this.#cpuMs);
      const boundary = boundaryOf(contentType);
      const parts = boundary === null ? null : partsOf(kept, boundary);
      if (parts !== null) this.#markParts(kept, parts, masks);
      if (this.#paths.length > 0) this.#markPaths(kept, { contentType, parts }, limit, masks);
      this.#mark(kept, isCut, limit, masks);
      const shown = masks.apply(kept, (rule, count) => counter.add(where, rule, count));
      return { bytes: shown, isScanned: true, redactions: counter.list() };
    } catch (error) {
      if (error instanceof WorkLimitExceeded) return notScanned(error.message, where);
      throw error;
    }
  }

  /** What stands for a body that the caller could not decode. */
  refused(reason: string, where = 'body'): SanitizedBody {
    return notScanned(reason, where);
  }

  /** A line of a log, an attribute's value, an error message, a URL or a query. */
  text(text: string, where = 'text'): { text: string; redactions: readonly Redaction[] } {
    if (this.#patterns.length === 0 && !MAY_HOLD_SECRET.test(text)) return { text, redactions: [] };
    const bytes = encoder.encode(text);
    const masks = new Masks();
    try {
      this.#mark(bytes, false, new WorkLimit(this.#clock, this.#cpuMs), masks);
    } catch (error) {
      if (!(error instanceof WorkLimitExceeded)) throw error;
      return { text: MASK, redactions: [{ where, rule: 'not_scanned', count: 1 }] };
    }
    if (masks.isEmpty) return { text, redactions: [] };
    const counter = new RedactionCounter();
    const shown = masks.apply(bytes, (rule, count) => counter.add(where, rule, count));
    return { text: decoder.decode(shown), redactions: counter.list() };
  }

  #headerValue(name: string, value: string, counter: RedactionCounter): string {
    const lower = name.toLowerCase();
    const where = `headers.${lower.length > 64 ? `${lower.slice(0, 64)}…` : lower}`;
    const known = this.#secretHeader(lower);
    if (known === undefined) {
      const { text, redactions } = this.text(value, where);
      for (const { rule, count } of redactions) counter.add(where, rule, count);
      return text;
    }
    if (known.kind === 'value') {
      if (value !== '') counter.add(where, known.rule);
      return value === '' ? '' : MASK;
    }
    const bytes = encoder.encode(value);
    const masks = new Masks();
    markText(bytes, 0, bytes.length, known, (start, end, rule) => masks.addSecret(start, end, rule));
    const shown = masks.apply(bytes, (rule, count) => counter.add(where, rule, count));
    // What stays, such as names of cookies, is looked through as well.
    const { text, redactions } = this.text(decoder.decode(shown), where);
    for (const { rule, count } of redactions) if (rule !== known.rule) counter.add(where, rule, count);
    return text;
  }

  /** A built-in name goes before an author's: what it keeps, such as a scheme, tells no secret. */
  #secretHeader(name: string): Pick<SecretName, 'kind' | 'rule'> | undefined {
    const known = this.#names.get(name);
    if (known !== undefined && !known.isParameter) return known;
    const rule = this.#headers.get(name);
    return rule === undefined ? undefined : { kind: 'value', rule };
  }

  #cutOff(bytes: Uint8Array, where: string, counter: RedactionCounter): Uint8Array {
    let end = startOfCutDigits(bytes);
    if (this.#patterns.length > 0) end = Math.min(end, startOfCutWord(bytes));
    if (end < bytes.length) counter.add(where, 'cut');
    return bytes.subarray(0, end);
  }

  #markParts(bytes: Uint8Array, parts: readonly Part[], masks: Masks): void {
    for (const { start, end, name } of parts) {
      const known = name === null ? undefined : this.#names.get(name);
      if (known !== undefined) masks.addSecret(start, trimEnd(bytes, start, end), known.rule);
    }
  }

  #markPaths(
    bytes: Uint8Array,
    body: { contentType: string | null; parts: readonly Part[] | null },
    limit: WorkLimit,
    masks: Masks,
  ): void {
    for (const { start, end, isDeclared } of jsonRanges(bytes, body.contentType, body.parts)) {
      const document = readJson(bytes.subarray(start, end));
      for (const { name, query } of this.#paths)
        for (const root of document.roots)
          for (const node of selectNodes(document, root, query, limit))
            masks.addSecret(
              start + document.nodes.starts[node]!,
              start + document.nodes.ends[node]!,
              name,
              true,
            );
      // What follows a mistake is said to be JSON, and no path could be looked for in it.
      if (isDeclared) masks.addSecret(start + document.readTo, end, 'not_scanned');
    }
  }

  /** Everything that is looked for in any text, as it stands and with its escapes decoded. */
  #mark(bytes: Uint8Array, isCut: boolean, limit: WorkLimit, masks: Masks): void {
    const hasEscapes = this.#secrets.find(bytes, isCut, (start, end, rule, isQuoted) =>
      masks.addSecret(start, end, rule, isQuoted),
    );
    this.#markPatterns(bytes, limit, (start, end, rule) => masks.addSecret(start, end, rule));
    const layers = hasEscapes ? DecodedText.layersOf(bytes) : [];
    for (const layer of layers) {
      const found = (start: number, end: number, rule: string) =>
        masks.addSecret(...layer.sourceRange(start, end), rule);
      this.#secrets.find(layer.bytes, isCut, found);
      this.#markPatterns(layer.bytes, limit, found);
    }
    this.#cards.find(bytes, (start, end) => masks.addCard(start, end), layers);
  }

  #markPatterns(
    bytes: Uint8Array,
    limit: WorkLimit,
    found: (start: number, end: number, rule: string) => void,
  ): void {
    for (const { name, pattern } of this.#patterns)
      pattern.find(bytes, limit, (start, end) => found(start, end, name));
  }
}

function notScanned(reason: string, where: string): SanitizedBody {
  return {
    bytes: encoder.encode(`[not shown, since it could not be scanned: ${reason}]`),
    isScanned: false,
    redactions: [{ where, rule: 'not_scanned', count: 1 }],
  };
}

/** Without the line break that belongs to the delimiter after it. */
function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  return end;
}
