/** Where in an encoded trace stands what differs from trace to trace: places in its bytes. */
export class ShapeNotes {
  /** By span, where its fields begin. */
  readonly spans: number[] = [];
  /** By span, where the fields of its times begin. */
  readonly times: number[] = [];
  /** By attribute of the record, where it ends. */
  readonly attributes: number[] = [];
  /** By what the root tells of a finished request, where it ends. */
  readonly root: number[] = [];
}
