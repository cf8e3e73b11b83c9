import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type DragEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useSearch } from 'wouter';
import { api, type ConfigInForce } from '../api/api.ts';
import { keys, useConfigCheck } from '../api/queries.ts';
import { LazyEditor } from '../editor/lazy-editor.tsx';
import { configRemarks } from '../engine/config-marks.ts';
import { grouped } from '../engine/duration-format.ts';
import { diffCounts, lineDiff } from '../engine/line-diff.ts';
import { paths } from '../engine/paths.ts';
import { Button } from '../parts/button.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { downloadText } from '../parts/download-text.ts';
import { Icon } from '../parts/icons.tsx';
import { Notice, ProblemNotice } from '../parts/notice.tsx';
import { Segments } from '../parts/segments.tsx';
import { useDebounced } from '../parts/use-debounced.ts';
import { useReplacedUrl } from '../parts/use-replaced-url.ts';
import { ConfigDiff } from './config-diff.tsx';
import styles from './config-editor.module.css';
import { ConfigFacts } from './config-facts.tsx';
import { ConfigRemarks } from './config-remarks.tsx';

/** A text is checked once it has rested this long. */
const CALM_MS = 250;
const EMPTY = '_format_version: "3.0"\nservices: []\n';

interface Props {
  readonly cp: string;
  /** Null where none was ever put. */
  readonly inForce: ConfigInForce | null;
}

/** A text beside what the check says of it. What is typed stays here until it is put in force. */
export function ConfigEditor({ cp, inForce }: Props) {
  const client = useQueryClient();
  const query = useSearch();
  const file = useRef<HTMLInputElement>(null);
  const fileId = useId();
  const before = inForce?.text ?? '';
  const [typed, setTyped] = useState<string | null>(null);
  const [base, setBase] = useState(inForce?.hash ?? null);
  const [view, setView] = useState<'text' | 'changes'>(
    new URLSearchParams(query).get('view') === 'changes' ? 'changes' : 'text',
  );
  const [jump, setJump] = useState<{ readonly at: number } | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const text = typed ?? (before === '' ? EMPTY : before);
  const settled = useDebounced(text, CALM_MS);
  const check = useConfigCheck(cp, settled.trim() === '' ? null : settled);
  const lines = useMemo(() => lineDiff(before, settled), [before, settled]);
  const counts = diffCounts(lines);
  const isChanged = text !== before;
  const remarks = useMemo(
    () => (check.data === undefined ? [] : configRemarks(settled, check.data)),
    [check.data, settled],
  );
  const isOutdated = typed !== null && inForce !== null && base !== inForce.hash;
  useReplacedUrl(paths.controlPlaneTab(cp, 'configuration', view === 'changes' ? 'view=changes' : ''));
  useEffect(() => {
    if (!isChanged || typed === null) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isChanged, typed]);

  const change = (next: string) => {
    if (typed === null) setBase(inForce?.hash ?? null);
    put.reset();
    setTyped(next);
  };
  const put = useMutation({
    mutationFn: () => api.putConfig(cp, text),
    onSuccess: async ({ hash }) => {
      setIsAsking(false);
      setTyped(null);
      setBase(hash);
      setView('text');
      for (const queryKey of [keys.config(cp), keys.nodes(cp), keys.entities(cp), keys.controlPlanes])
        await client.invalidateQueries({ queryKey });
    },
  });
  const take = async (chosen: File | undefined) => {
    if (chosen !== undefined) change(await chosen.text());
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    void take(event.dataTransfer.files[0]);
  };
  const isChecked = settled === text && !check.isFetching;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a file can be chosen with the button too
    <div className={styles['editor']} onDragOver={(event) => event.preventDefault()} onDrop={onDrop}>
      <div className={styles['bar']}>
        <Segments
          label="What is shown"
          value={view}
          options={[
            ['text', 'kong.yml'],
            [
              'changes',
              isChanged ? `Changes +${grouped(counts.added)} −${grouped(counts.removed)}` : 'Changes',
            ],
          ]}
          onChange={setView}
        />
        <span className={styles['end']}>
          <input
            ref={file}
            id={fileId}
            type="file"
            accept=".yml,.yaml,.json"
            className="sr-only"
            tabIndex={-1}
            aria-label="File with a configuration"
            onChange={(event) => {
              void take(event.target.files?.[0]);
              event.target.value = '';
            }}
          />
          <Button onClick={() => file.current?.click()}>
            <Icon name="upload" />
            Upload
          </Button>
          <Button onClick={() => downloadText(text, 'kong.yml', 'application/yaml')}>
            <Icon name="download" />
            Download
          </Button>
          {isChanged && typed !== null && <Button onClick={() => setTyped(null)}>Discard</Button>}
          <Button
            kind="primary"
            disabled={!isChanged || !isChecked || check.data?.valid !== true || put.isPending}
            onClick={() => setIsAsking(true)}
          >
            Push
          </Button>
        </span>
      </div>
      {isOutdated && (
        <Notice>
          The configuration in force was changed meanwhile. <em>Changes</em> compares with the new one; what
          you push replaces it.
        </Notice>
      )}
      <div className={styles['columns']}>
        {view === 'changes' ? (
          <ConfigDiff lines={lines} />
        ) : (
          <LazyEditor
            label="Configuration"
            isTall
            value={text}
            marks={
              settled === text
                ? remarks.flatMap(({ from, to, severity, message }) =>
                    from === null || to === null ? [] : [{ from, to, severity, message }],
                  )
                : NO_MARKS
            }
            jump={jump}
            onChange={change}
          />
        )}
        <aside className={styles['side']} aria-label="Check of the configuration">
          <ConfigFacts cp={cp} inForce={inForce} />
          <div aria-live="polite" className={styles['check']}>
            <h2>{headline(isChanged, isChecked, check.data)}</h2>
            {check.data?.valid === true && isChanged && (
              <p className={styles['muted']}>
                {grouped(check.data.services)} services, {grouped(check.data.routes)} routes
              </p>
            )}
            {check.isError && <ProblemNotice error={check.error} />}
            <ConfigRemarks
              remarks={remarks}
              onJump={(at) => {
                setView('text');
                setJump({ at });
              }}
            />
            {put.isSuccess && !isChanged && (
              <p className={styles['muted']}>Pushed. Connected nodes take it within two seconds.</p>
            )}
          </div>
        </aside>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        title="Push this configuration?"
        action="Push"
        kind="primary"
        isBusy={put.isPending}
        error={put.error}
        onConfirm={() => put.mutate()}
        onClose={() => setIsAsking(false)}
      >
        <p>
          {grouped(counts.added)} lines are added, {grouped(counts.removed)} removed. Every connected node of{' '}
          {cp} works with it at once.
        </p>
      </ConfirmDialog>
    </div>
  );
}

const NO_MARKS: [] = [];

function headline(
  isChanged: boolean,
  isChecked: boolean,
  result: { readonly valid: boolean; readonly errors: readonly unknown[] } | undefined,
): string {
  if (result === undefined || !isChecked) return 'Checking …';
  if (result.valid) return isChanged ? 'Valid, ready to be pushed' : 'Valid';
  return result.errors.length === 1 ? '1 error' : `${grouped(result.errors.length)} errors`;
}
