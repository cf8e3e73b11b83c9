import { describe, expect, it } from 'vitest';
import { auditQuery, detailsText, NO_AUDIT_FILTER, readAuditFilter } from './audit-filter.ts';

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

describe('detailsText()', () => {
  it('tells in words what an entry tells besides', () => {
    const session = '2d7e579e-109a-4a1a-962a-51bd39640fb7';
    expect(detailsText({ session, format: 'otlp', payload: true, rule: null, max_traces: 5 })).toBe(
      'session 2d7e579e, format otlp, payload true, max traces 5',
    );
    expect(['', null, {}, 7].map(detailsText)).toEqual(['', '', '', '']);
  });
});
