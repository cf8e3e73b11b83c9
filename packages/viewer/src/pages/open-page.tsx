import { useMemo, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { openedTraceSource } from '../api/trace-source.ts';
import { formatDuration, grouped } from '../engine/duration-format.ts';
import { type OpenedFile, openFile } from '../engine/opened-file.ts';
import type { OpenedTrace } from '../engine/opened-trace.ts';
import { paths, type TraceTab } from '../engine/paths.ts';
import { traceModel } from '../engine/trace-model.ts';
import { dayAndClockText } from '../engine/trace-row.ts';
import { StatusBadge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { DropZone } from '../parts/drop-zone.tsx';
import { Notice, ProblemNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { TraceView } from '../trace/trace-view.tsx';
import styles from './open-page.module.css';

interface Props {
  /** Null: what is in the file, or the place to drop one. */
  readonly traceId: string | null;
  readonly tab: TraceTab;
}

/** Files of the export, shown without a control plane: they never leave the browser. */
export function OpenPage({ traceId, tab }: Props) {
  const [, navigate] = useLocation();
  const [file, setFile] = useState<OpenedFile | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isReading, setReading] = useState(false);
  const open = async (given: File) => {
    setError(null);
    setReading(true);
    try {
      const found = await openFile(given.name, new Uint8Array(await given.arrayBuffer()));
      setFile(found);
      const only = found.traces.length === 1 ? found.traces[0]! : null;
      navigate(paths.open(only === null ? null : idOf(only)), { replace: traceId !== null });
    } catch (failure) {
      setError(failure);
    } finally {
      setReading(false);
    }
  };
  const shown = file?.traces.find((trace) => idOf(trace) === traceId) ?? null;
  if (file !== null && shown !== null)
    return <Opened key={idOf(shown)} file={file} trace={shown} tab={tab} />;
  return (
    <OpenFiles file={file} isMissing={traceId !== null} isReading={isReading} error={error} onFile={open} />
  );
}

interface OpenFilesProps {
  readonly file: OpenedFile | null;
  /** Whether a trace was asked for that is not there: after a reload the file has to be opened anew. */
  readonly isMissing: boolean;
  readonly isReading: boolean;
  readonly error: unknown;
  readonly onFile: (file: File) => void;
}

function OpenFiles({ file, isMissing, isReading, error, onFile }: OpenFilesProps) {
  usePageTitle(file === null ? 'Open a file' : file.name);
  return (
    <main className={styles['page']}>
      <h1>{file === null ? 'Open a file' : file.name}</h1>
      {isMissing && (
        <Notice>
          This trace came out of a file, and a page can’t keep files: open the file again to see the same
          view.
        </Notice>
      )}
      {error !== null && <ProblemNotice error={error} title="The file can’t be shown" />}
      {file !== null && <TraceTable file={file} />}
      <DropZone
        title={isReading ? 'Reading …' : file === null ? 'Drop an export here' : 'Drop another file here'}
        accept=".json,.zip,application/json,application/zip"
        onFile={onFile}
      >
        A session as ZIP, with its logs and payloads, or a trace as OTLP JSON. The file stays in this browser;
        no control plane is asked.
      </DropZone>
    </main>
  );
}

function TraceTable({ file }: { readonly file: OpenedFile }) {
  const [shown, setShown] = useState(ROWS);
  return (
    <>
      <p className={styles['count']}>
        {grouped(file.traces.length)} {file.traces.length === 1 ? 'trace' : 'traces'}
        {file.skipped > 0 && `; files in it that are not shown: ${grouped(file.skipped)}`}
      </p>
      <div className={styles['frame']}>
        <table className={styles['table']} aria-label="Traces of the file">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Request</th>
              <th scope="col">Status</th>
              <th scope="col">Total</th>
              <th scope="col">Spans</th>
            </tr>
          </thead>
          <tbody>
            {file.traces.slice(0, shown).map((trace) => {
              const { summary } = traceModel(trace.skeleton).skeleton;
              return (
                <tr key={idOf(trace)}>
                  <td>{dayAndClockText(summary.started_at)}</td>
                  <td>
                    <Link href={paths.open(idOf(trace))}>
                      {summary.method} {summary.path}
                    </Link>
                  </td>
                  <td>
                    <StatusBadge status={summary.status_code} />
                  </td>
                  <td>{formatDuration(summary.duration_ms * 1e6)}</td>
                  <td>{grouped(summary.span_count)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {file.traces.length > shown && (
        <Button onClick={() => setShown(shown + ROWS)}>
          Show {Math.min(ROWS, file.traces.length - shown)} more
        </Button>
      )}
    </>
  );
}

/** Rows of the table that are there at first: the page stays small whatever the file has. */
const ROWS = 50;

interface OpenedProps {
  readonly file: OpenedFile;
  readonly trace: OpenedTrace;
  readonly tab: TraceTab;
}

function Opened({ file, trace, tab }: OpenedProps) {
  const source = useMemo(() => openedTraceSource(trace), [trace]);
  const model = useMemo(() => traceModel(trace.skeleton), [trace]);
  const hrefOf = useMemo(() => {
    const id = idOf(trace);
    return (to: TraceTab, query: string) => paths.open(id, to, query);
  }, [trace]);
  return (
    <TraceView
      source={source}
      model={model}
      tab={tab}
      hrefOf={hrefOf}
      actions={() => (
        <Link href={paths.open()} className={styles['back']}>
          {file.traces.length === 1
            ? `File ${file.name}`
            : `All ${grouped(file.traces.length)} traces of ${file.name}`}
        </Link>
      )}
    />
  );
}

/** What tells a trace from the others of its file: callers may use one trace id over and over. */
function idOf({ skeleton }: OpenedTrace): string {
  return skeleton.summary.id;
}
