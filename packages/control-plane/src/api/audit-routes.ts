import { Readable } from 'node:stream';
import { AppError } from '@gatescope/base';
import type { AuditEntry } from '@gatescope/protocol';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AuditConditions } from '../store/audit-repository.ts';
import { actorOf } from './actor-of.ts';
import type { ApiContext } from './context.ts';
import { decodeCursor, encodeCursor, type PageQuery, PageQuerySchema, pageSize } from './cursor.ts';

const text = Type.Optional(Type.String({ maxLength: 300 }));
const time = Type.Optional(Type.String({ format: 'date-time' }));
const AuditQuerySchema = Type.Object({
  ...PageQuerySchema.properties,
  actor: text,
  action: text,
  target: text,
  address: text,
  outcome: Type.Optional(Type.Union([Type.Literal('done'), Type.Literal('refused'), Type.Literal('failed')])),
  from: time,
  to: time,
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('ndjson')])),
});
type AuditQuery = Type.Static<typeof AuditQuerySchema> & PageQuery;

const COLUMNS = [
  'id',
  'at',
  'actor',
  'actor_id',
  'action',
  'target',
  'address',
  'outcome',
  'details',
] as const;

/** The audit log: looked at by the page, or taken along whole. */
export function auditRoutes(app: FastifyInstance, { audit }: ApiContext): void {
  app.get('/audit-log', { schema: { querystring: AuditQuerySchema } }, async (request, reply) => {
    const query = request.query as AuditQuery;
    const conditions = conditionsOf(query);
    if (query.format === 'csv' || query.format === 'ndjson') {
      await audit.note(actorOf(request), 'audit_log.export', query.format);
      const write = query.format === 'csv' ? csvLine : (entry: AuditEntry) => `${JSON.stringify(entry)}\n`;
      const head = query.format === 'csv' ? [`${COLUMNS.join(',')}\r\n`] : [];
      return await reply
        .type(query.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8')
        .header('content-disposition', `attachment; filename="audit-log.${query.format}"`)
        .send(Readable.from(lines(head, audit.all(conditions), write)));
    }
    const size = pageSize(query.size);
    const entries = await audit.entries(conditions, size + 1, decodeCursor(query.after)?.at ?? null);
    const data = entries.slice(0, size);
    const last = data.at(-1);
    const next = entries.length > size && last !== undefined ? encodeCursor([last.id, last.at]) : null;
    return { data, next };
  });
}

function conditionsOf(query: AuditQuery): AuditConditions {
  const { actor = null, action = null, target = null, address = null, outcome = null } = query;
  const from = millisecondsOf('from', query.from);
  const to = millisecondsOf('to', query.to);
  return { actor, action, target, address, outcome, from, to };
}

function millisecondsOf(path: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  const at = Date.parse(value);
  if (!Number.isNaN(at)) return at;
  throw new AppError('invalid_request', `${path} is no time: write it as 2026-01-31T09:30:00Z`, {
    details: [{ message: 'expected a time as of RFC 3339', path }],
  });
}

async function* lines(
  head: readonly string[],
  chunks: AsyncIterable<AuditEntry[]>,
  write: (entry: AuditEntry) => string,
): AsyncGenerator<string> {
  yield* head;
  for await (const entries of chunks) yield entries.map(write).join('');
}

/** RFC 4180; a cell that a spreadsheet would take for a formula is led by an apostrophe. */
function csvLine(entry: AuditEntry): string {
  const cells = COLUMNS.map((column) => {
    const value = column === 'details' ? JSON.stringify(entry.details) : String(entry[column] ?? '');
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${cells.join(',')}\r\n`;
}
