import type { AttributeValue, Span } from '@gatescope/trace';

/** Names of a request's entities, as far as they are known; an id stands where an entity has no name. */
export interface EntityNames {
  readonly route: string | null;
  readonly service: string | null;
  readonly consumer: string | null;
}

type Attributes = Readonly<Record<string, AttributeValue>>;

/** A finished trace as rules read it; its spans are opened when something of them is asked for. */
export class StoredFacts {
  readonly names: EntityNames;
  readonly #open: () => readonly Span[];
  #spans: readonly Span[] | null = null;
  #root: Attributes | null = null;
  #router: Attributes | null = null;

  constructor(names: EntityNames, open: () => readonly Span[]) {
    this.names = names;
    this.#open = open;
  }

  get spans(): readonly Span[] {
    this.#spans ??= this.#open();
    return this.#spans;
  }

  /** Attributes of the root span. */
  get root(): Attributes {
    this.#root ??= attributesOf(this.spans, 'kong');
    return this.#root;
  }

  get router(): Attributes {
    this.#router ??= attributesOf(this.spans, 'kong.router');
    return this.#router;
  }
}

function attributesOf(spans: readonly Span[], name: string): Attributes {
  return spans.find((span) => span.name === name)?.attributes ?? {};
}
