import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearch } from 'wouter';
import { api } from '../api/api.ts';
import { useMaySee } from '../api/queries.ts';
import {
  type AuditFilter,
  auditQuery,
  detailsText,
  NO_AUDIT_FILTER,
  readAuditFilter,
} from '../engine/audit-filter.ts';
import { paths } from '../engine/paths.ts';
import { cutText, visibleText } from '../engine/visible-text.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Icon } from '../parts/icons.tsx';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { useDebounced } from '../parts/use-debounced.ts';
import { usePageTitle } from '../parts/use-page-title.ts';
import { useReplacedUrl } from '../parts/use-replaced-url.ts';
import { SettingsFrame } from './settings-frame.tsx';
import styles from './settings-list.module.css';

const SIZE = 100;
const OUTCOMES = { done: 'ok', refused: 'warn', failed: 'danger' } as const;

/** Who did what, on what, from where and how it went; narrowed down, and taken along. */
export function AuditPage() {
  usePageTitle('Audit log');
  const query = useSearch();
  const [filter, setFilter] = useState<AuditFilter>(() => readAuditFilter(query));
  const asked = useDebounced(auditQuery(filter), 250);
  useReplacedUrl(`${paths.settings('audit-log')}${asked === '' ? '' : `?${asked}`}`);
  const log = useInfiniteQuery({
    queryKey: ['audit-log', asked],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      api.auditLog(
        [asked, `size=${SIZE}`, pageParam === '' ? '' : `after=${encodeURIComponent(pageParam)}`]
          .filter((part) => part !== '')
          .join('&'),
        signal,
      ),
    enabled: useMaySee('audit-log'),
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  });
  const entries = log.data?.pages.flatMap((page) => page.data) ?? [];
  const change = (changed: Partial<AuditFilter>) => setFilter({ ...filter, ...changed });
  return (
    <SettingsFrame
      current="audit-log"
      title="Audit log"
      text="Every start of a session, every reading of a payload, every change of keys, people and settings."
    >
      <search className={styles['filters']}>
        <input
          aria-label="Who"
          placeholder="Who"
          value={filter.actor}
          onChange={(event) => change({ actor: event.target.value })}
        />
        <input
          aria-label="What was done"
          placeholder="What: session.start"
          value={filter.action}
          onChange={(event) => change({ action: event.target.value })}
        />
        <input
          aria-label="On what"
          placeholder="On what"
          value={filter.target}
          onChange={(event) => change({ target: event.target.value })}
        />
        <select
          aria-label="Outcome"
          value={filter.outcome}
          onChange={(event) => change({ outcome: event.target.value })}
        >
          <option value="">Any outcome</option>
          {Object.keys(OUTCOMES).map((outcome) => (
            <option key={outcome}>{outcome}</option>
          ))}
        </select>
        {asked !== '' && (
          <Button kind="quiet" onClick={() => setFilter(NO_AUDIT_FILTER)}>
            Clear
          </Button>
        )}
        <a
          className={styles['end']}
          href={api.auditLogUrl([asked, 'format=csv'].filter((part) => part !== '').join('&'))}
          download="audit-log.csv"
        >
          <Icon name="download" />
          Export CSV
        </a>
      </search>
      {log.isPending && <Loading what="the audit log" />}
      {log.isError && <ProblemNotice error={log.error} />}
      {log.isSuccess && entries.length === 0 && <EmptyState title="Nothing like that was done" />}
      {entries.length > 0 && (
        <DataTable label="Audit log" columns={['When', 'Who', 'What', 'On what', 'From', 'Details']}>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td className={styles['nowrap']}>
                <RelativeTime instant={entry.at} />
              </td>
              <td>{visibleText(entry.actor)}</td>
              <td className={styles['nowrap']}>
                {visibleText(entry.action)}{' '}
                {entry.outcome !== undefined && entry.outcome !== 'done' && (
                  <Badge tone={OUTCOMES[entry.outcome]}>{entry.outcome}</Badge>
                )}
              </td>
              <td>
                <code className={styles['target']} title={entry.target}>
                  {visibleText(cutText(entry.target, 40))}
                </code>
              </td>
              <td>{entry.address ?? '–'}</td>
              <td className={styles['details']} title={JSON.stringify(entry.details, null, 1)}>
                {visibleText(cutText(detailsText(entry.details), 160))}
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      {log.hasNextPage && (
        <p className={styles['more']}>
          <Button onClick={() => void log.fetchNextPage()} disabled={log.isFetchingNextPage}>
            Show older entries
          </Button>
        </p>
      )}
    </SettingsFrame>
  );
}
