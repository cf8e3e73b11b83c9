/** What the audit log is narrowed to; each is empty where anything will do. */
export interface AuditFilter {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
}

export const NO_AUDIT_FILTER: AuditFilter = { actor: '', action: '', target: '', outcome: '' };
const NAMES = ['actor', 'action', 'target', 'outcome'] as const;

export function readAuditFilter(query: string): AuditFilter {
  const fields = new URLSearchParams(query);
  const read = Object.fromEntries(NAMES.map((name) => [name, fields.get(name) ?? '']));
  return { ...NO_AUDIT_FILTER, ...read };
}

/** The query of the API and of the page that asks for it; empty where nothing is asked. */
export function auditQuery(filter: AuditFilter): string {
  const fields = new URLSearchParams();
  for (const name of NAMES) if (filter[name].trim() !== '') fields.set(name, filter[name].trim());
  return fields.toString();
}

/** What an entry tells besides, in words: `session 2d7e579e, kind otlp`. Empty where it tells nothing; ids are cut, since all of it is beside. */
export function detailsText(details: unknown): string {
  if (typeof details !== 'object' || details === null) return '';
  return Object.entries(details)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${wordOf(value)}`)
    .join(', ');
}

function wordOf(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[0-9a-f-]{32,64}$/.test(value) ? value.slice(0, 8) : value;
}
