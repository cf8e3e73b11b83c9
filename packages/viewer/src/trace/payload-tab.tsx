import { ApiProblem } from '../api/api-problem.ts';
import { usePayload } from '../api/queries.ts';
import type { TraceSource } from '../api/trace-source.ts';
import type { BodyView, TraceUrlState } from '../engine/trace-url.ts';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import { Segments } from '../parts/segments.tsx';
import { PayloadSide } from './payload-side.tsx';
import styles from './payload-tab.module.css';

interface Props {
  readonly source: TraceSource;
  readonly view: TraceUrlState;
  readonly onView: (changed: Partial<TraceUrlState>) => void;
}

const VIEWS: readonly (readonly [BodyView, string])[] = [
  ['pretty', 'Pretty'],
  ['raw', 'Raw'],
  ['hex', 'Hex'],
];

/** The four messages of a request: what came and went on, what came back and was passed on, with what the gateway changed. */
export function PayloadTab({ source, view, onView }: Props) {
  const payload = usePayload(source);
  if ('reason' in source.payload) return <NoPayload title="No payload">{source.payload.reason}</NoPayload>;
  if (payload.error !== null)
    return payload.error instanceof ApiProblem && payload.error.code === 'not_captured' ? (
      <NoPayload title="No payload was captured">
        {payload.error.message.charAt(0).toUpperCase() + payload.error.message.slice(1)}.
      </NoPayload>
    ) : (
      <div className={styles['tab']}>
        <ProblemNotice error={payload.error} title={titleOf(payload.error)} />
      </div>
    );
  if (payload.data === undefined) return <Loading what="the payload" />;
  const { client_request, upstream_request, upstream_response, client_response } = payload.data;
  return (
    <div className={styles['tab']}>
      <div className={styles['bar']}>
        <p>
          Secrets and card numbers were masked before anything was stored.
          {source.isAudited && ' This reading is in the audit log.'}
        </p>
        <Segments
          label="How bodies are shown"
          value={view.body}
          options={VIEWS}
          onChange={(body) => onView({ body })}
        />
      </div>
      <h2 className={styles['way']}>Request</h2>
      <div className={styles['pair']}>
        <PayloadSide title="From the client" message={client_request} before={null} view={view.body} />
        <PayloadSide
          title="To the upstream"
          message={upstream_request}
          before={client_request}
          view={view.body}
        />
      </div>
      <h2 className={styles['way']}>Response</h2>
      <div className={styles['pair']}>
        <PayloadSide title="From the upstream" message={upstream_response} before={null} view={view.body} />
        <PayloadSide
          title="To the client"
          message={client_response}
          before={upstream_response}
          view={view.body}
        />
      </div>
    </div>
  );
}

function NoPayload({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <div className={styles['tab']}>
      <EmptyState title={title}>
        <p>{children}</p>
      </EmptyState>
    </div>
  );
}

function titleOf(error: Error): string {
  if (!(error instanceof ApiProblem)) return 'The payload can’t be shown';
  if (error.code === 'forbidden') return 'You may not read payloads';
  if (error.code === 'key_unavailable') return 'The payload is sealed with a key that can’t be had';
  return 'The payload can’t be shown';
}
