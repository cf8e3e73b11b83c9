import type { FieldDefinition } from './fields.ts';

/**
 * Where a rule reads a request. Each method answers undefined where the request does not have the field; it is asked only from the
 * field's stage on. `argument` is what follows a family's name, such as the header's.
 */
export interface FieldSource {
  string(field: FieldDefinition, argument: string): string | undefined;
  strings(field: FieldDefinition, argument: string): readonly string[];
  number(field: FieldDefinition): number | undefined;
  boolean(field: FieldDefinition): boolean | undefined;
}
