import type { AttributeValue } from '@gatescope/trace';
import type { RequestRecord } from './request-record.ts';
import { attribute } from './span-kinds.ts';

/** Spans one run of a plugin may cause, I/O and its own together; further ones are counted as truncated. */
export const SCOPE_SPANS_MAX = 64;
const UNFINISHED = attribute('gatescope.io.unfinished');

/** What holds back what it has to say of a span until that ends. */
export interface Unsettled {
  settle(): void;
}

/**
 * One run of a plugin for a request that is recorded, as its I/O and its code's own spans see it. What begins while the plugin runs is a span
 * below the plugin's; what has not ended when the plugin is done ends there, since the request waits for it no longer. Afterwards nothing is
 * noted any more, and the record, which may be another request's by then, is let go. Times are performance.now() milliseconds.
 */
export class PluginScope {
  #record: RequestRecord | null;
  readonly #generation: number;
  readonly #opened: number[] = [];
  readonly #unsettled: Unsettled[] = [];
  #isRunning = true;
  /** Index of the plugin's span. */
  readonly span: number;

  constructor(record: RequestRecord, span: number) {
    this.#record = span < 0 ? null : record;
    this.#generation = record.generation;
    this.span = span;
  }

  /** The record while the plugin runs and the request is under way. */
  get record(): RequestRecord | null {
    const record = this.#record;
    if (record === null || !this.#isRunning) return null;
    return record.generation === this.#generation && record.isOpen(this.span) ? record : null;
  }

  /** Begins a span; -1, which every method takes for nothing, where there is no room or the plugin is done. */
  open(kind: number, label: string | null, parent: number, startMs: number): number {
    const { record } = this;
    if (record === null) return -1;
    if (this.#opened.length >= SCOPE_SPANS_MAX) {
      record.truncated++;
      return -1;
    }
    const index = record.open(kind, parent, parent < 0 ? startMs : Math.max(startMs, record.startOf(parent)));
    if (index < 0) return index;
    record.labels[index] = label;
    this.#opened.push(index);
    return index;
  }

  /** Ends a span that has not ended; `error` says in a word why it failed, null that it did not. */
  close(index: number, endMs: number, error: string | null = null): void {
    const { record } = this;
    if (record === null || !record.isOpen(index)) return;
    record.close(index, Math.max(endMs, record.startOf(index)));
    if (error !== null) record.fail(index, error);
  }

  set(index: number, key: number, value: AttributeValue): void {
    if (index >= 0) this.record?.set(index, key, value);
  }

  /** As {@link set}, unless the span has the attribute already. */
  setOnce(index: number, key: number, value: AttributeValue): void {
    if (index >= 0 && this.record?.get(index, key) === null) this.record.set(index, key, value);
  }

  /** Calls a span something else. */
  rename(index: number, label: string): void {
    if (this.isOpen(index)) this.record!.labels[index] = label;
  }

  /** Notes that something happened in a span. */
  note(
    index: number,
    name: string,
    atMs: number,
    attributes: Readonly<Record<string, AttributeValue>>,
  ): void {
    if (this.isOpen(index)) this.record!.addEvent(index, name, atMs, attributes);
  }

  /** Whether a span has begun and not ended. */
  isOpen(index: number): boolean {
    return this.record?.isOpen(index) === true;
  }

  /** Tells of something that has to say what it holds back before its span ends. */
  settleAtEnd(one: Unsettled): void {
    this.#unsettled.push(one);
  }

  /** A piece of the plugin's work is done, and another may follow: what it began ends. */
  pause(nowMs: number): void {
    const { record } = this;
    if (record === null) return;
    for (const one of this.#unsettled) one.settle();
    this.#unsettled.length = 0;
    for (const index of this.#opened) {
      if (!record.isOpen(index)) continue;
      record.close(index, Math.max(nowMs, record.startOf(index)));
      record.set(index, UNFINISHED, true);
    }
    this.#opened.length = 0;
  }

  /** The plugin is done. */
  end(nowMs: number): void {
    this.pause(nowMs);
    this.#isRunning = false;
    this.#record = null;
  }
}
