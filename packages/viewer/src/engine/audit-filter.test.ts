import { describe, expect, it } from 'vitest';
import { auditQuery, NO_AUDIT_FILTER, readAuditFilter } from './audit-filter.ts';

describe('readAuditFilter()', () => {
  it('reads what auditQuery() wrote', () => {
    const filter = { actor: 'ada@example.com', action: 'session.create', target: 'a&b', outcome: 'refused' };
    expect(readAuditFilter(auditQuery(filter))).toEqual(filter);
  });

  it('asks for nothing where nothing is filled in', () => {
    expect(auditQuery({ ...NO_AUDIT_FILTER, actor: ' ' })).toBe('');
    expect(readAuditFilter('x=1')).toEqual(NO_AUDIT_FILTER);
  });
});
