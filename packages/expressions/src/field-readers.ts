import type { FieldDefinition } from './fields.ts';

/** What a rule can know of a span. */
export interface SpanFacts {
  readonly name: string;
  readonly durationMs: number;
  readonly failed: boolean;
}

/**
 * How rules read a request: each method is asked once, when a rule is bound, and answers a function that reads the field of a request,
 * undefined where it does not have it. Such a function is called from the field's stage on. `argument` is what was filled in for a family's
 * `<name>`, such as the header's; spans are asked for by {@link spans} alone.
 */
export interface FieldReaders<Request> {
  string(field: FieldDefinition, argument: string): (request: Request) => string | undefined;
  strings(field: FieldDefinition, argument: string): (request: Request) => readonly string[];
  number(field: FieldDefinition): (request: Request) => number | undefined;
  numbers(field: FieldDefinition): (request: Request) => readonly number[];
  boolean(field: FieldDefinition): (request: Request) => boolean | undefined;
  /** The spans whose names are meant. */
  spans(isMeant: (name: string) => boolean): (request: Request) => readonly SpanFacts[];
}
