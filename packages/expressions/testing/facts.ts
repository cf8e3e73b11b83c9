import type { FieldDefinition, FieldReaders, SpanFacts } from '../src/index.ts';
import { STAGES } from '../src/index.ts';

export type Fact = string | number | boolean | readonly string[] | readonly number[];

/** A request as a record of facts by field name, families with what was asked for (`http.headers.x_debug`), and its spans. */
export class Facts {
  readonly facts: Readonly<Record<string, Fact>>;
  readonly spans: readonly SpanFacts[];
  /** An index into STAGES: a field of a later one must not be asked for yet. */
  readonly stage: number;

  constructor(
    facts: Readonly<Record<string, Fact>>,
    { spans = [], stage = STAGES.length - 1 }: { spans?: readonly SpanFacts[]; stage?: number } = {},
  ) {
    this.facts = facts;
    this.spans = spans;
    this.stage = stage;
  }
}

/** Reads facts, and throws where one is asked for too early. */
export const factReaders: FieldReaders<Facts> = {
  string: (field, argument) => reader<string | undefined>(field, argument),
  strings: (field, argument) => {
    const read = reader<readonly string[] | undefined>(field, argument);
    return (facts) => read(facts) ?? [];
  },
  number: (field) => reader<number | undefined>(field, ''),
  numbers: (field) => {
    const read = reader<readonly number[] | undefined>(field, '');
    return (facts) => read(facts) ?? [];
  },
  boolean: (field) => reader<boolean | undefined>(field, ''),
  spans: (isMeant) => (facts) => {
    if (facts.stage < STAGES.indexOf('end')) throw new Error('spans were asked for too early');
    return facts.spans.filter(({ name }) => isMeant(name));
  },
};

function reader<Value>(field: FieldDefinition, argument: string): (facts: Facts) => Value {
  const stage = STAGES.indexOf(field.stage);
  const name = field.name + (field.name.endsWith('.headers.') ? argument.replaceAll('-', '_') : argument);
  return ({ facts, stage: now }) => {
    if (stage > now) throw new Error(`${field.name} was asked for too early`);
    return (Object.hasOwn(facts, name) ? facts[name] : undefined) as Value;
  };
}
