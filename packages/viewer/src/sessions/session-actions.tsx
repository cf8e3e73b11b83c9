import type { Session } from '@gatescope/protocol';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { keys, useMayChange } from '../api/queries.ts';
import { isRunning } from '../engine/live-session.ts';
import { paths } from '../engine/paths.ts';
import { draftOf, writeDraft } from '../engine/session-draft.ts';
import { Button, ButtonDownload, ButtonLink } from '../parts/button.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { Icon } from '../parts/icons.tsx';
import styles from './session-actions.module.css';

interface Props {
  readonly cp: string;
  readonly session: Session;
  readonly onDeleted?: () => void;
}

/** Stop, run again (the form filled in as it was), delete; nothing for who may not change anything. */
export function SessionActions({ cp, session, onDeleted }: Props) {
  const client = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const outdate = async () => {
    await client.invalidateQueries({ queryKey: keys.sessions(cp) });
  };
  const stop = useMutation({ mutationFn: () => api.stopSession(cp, session.id), onSettled: outdate });
  const remove = useMutation({
    mutationFn: () => api.deleteSession(cp, session.id),
    onSuccess: async () => {
      setIsAsking(false);
      onDeleted?.();
      await outdate();
    },
  });
  if (!useMayChange()) return null;
  return (
    <span className={styles['actions']}>
      {isRunning(session) ? (
        <Button onClick={() => stop.mutate()} disabled={stop.isPending || session.state === 'draining'}>
          <Icon name="stop" size={12} />
          Stop
        </Button>
      ) : (
        <ButtonLink href={paths.newSession(cp, writeDraft(draftOf(session)))}>Run again</ButtonLink>
      )}
      {session.counts.traces > 0 && (
        <ButtonDownload
          href={api.sessionExportUrl(cp, session.id, 'zip')}
          name={`session-${session.id.slice(0, 8)}.zip`}
        >
          Download
        </ButtonDownload>
      )}
      <Button kind="quiet" onClick={() => setIsAsking(true)}>
        Delete
      </Button>
      {stop.isError && <span role="alert">{stop.error.message}</span>}
      <ConfirmDialog
        isOpen={isAsking}
        title="Delete this session?"
        action="Delete session"
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setIsAsking(false)}
      >
        <p>Its {session.counts.traces} traces are deleted with it. This can’t be undone.</p>
      </ConfirmDialog>
    </span>
  );
}
