import type { FieldDefinition, FieldSource } from '../src/index.ts';
import { STAGES } from '../src/index.ts';

export type Fact = string | number | boolean | readonly string[];

/** A request as a record of facts by field name, families with what was asked for (`http.headers.x_debug`). */
export class Facts implements FieldSource {
  readonly #facts: Readonly<Record<string, Fact>>;
  /** An index into STAGES: a field of a later one must not be asked for yet. */
  stage = STAGES.length - 1;

  constructor(facts: Readonly<Record<string, Fact>>) {
    this.#facts = facts;
  }

  string(field: FieldDefinition, argument: string): string | undefined {
    return this.#get(field, argument) as string | undefined;
  }

  strings(field: FieldDefinition, argument: string): readonly string[] {
    return (this.#get(field, argument) as readonly string[] | undefined) ?? [];
  }

  number(field: FieldDefinition): number | undefined {
    return this.#get(field, '') as number | undefined;
  }

  boolean(field: FieldDefinition): boolean | undefined {
    return this.#get(field, '') as boolean | undefined;
  }

  #get(field: FieldDefinition, argument: string): Fact | undefined {
    if (STAGES.indexOf(field.stage) > this.stage) throw new Error(`${field.name} was asked for too early`);
    const name = field.name + (field.name.endsWith('.headers.') ? argument.replaceAll('-', '_') : argument);
    return Object.hasOwn(this.#facts, name) ? this.#facts[name] : undefined;
  }
}
