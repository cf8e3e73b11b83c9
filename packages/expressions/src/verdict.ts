/** What a rule says of a request at a stage. */
export const MATCH = 1;
export const NO_MATCH = 0;
export const NOT_YET = -1;
export type Verdict = typeof MATCH | typeof NO_MATCH | typeof NOT_YET;
