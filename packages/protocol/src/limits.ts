/** The bounds of a tracing session, shared by validation, command line and viewer. */
export const SESSION_LIMITS = {
  durationSecondsMin: 10,
  durationSecondsMax: 1_800,
  durationSecondsDefault: 300,
  maxTracesMin: 1,
  maxTracesMax: 10_000,
  maxTracesDefault: 200,
  nameCharactersMax: 200,
  ruleCharactersMax: 16_384,
  nodesMax: 1_000,
  /** Pending and active sessions of one control plane: a node is told of all of them at once. */
  runningMax: 256,
  bodyBytesMin: 1,
  bodyBytesMax: 1_048_576,
  bodyBytesDefault: 65_536,
  redactRulesMax: 200,
} as const;

/** The bounds of redaction rules besides those of a session. */
export const REDACTION_LIMITS = { organisationRulesMax: 100 } as const;

/** How long a session and all that belongs to it is kept, in days. */
export const RETENTION_DAYS = 7;

/** The page size of a list: default and largest. */
export const PAGE_SIZE = { default: 100, max: 1_000 } as const;
