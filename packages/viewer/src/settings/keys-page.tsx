import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type EncryptionKey, type KeyAct } from '../api/api.ts';
import { keys, useMaySee } from '../api/queries.ts';
import { KEY_PROVIDERS } from '../engine/key-form.ts';
import { keyStateWords } from '../engine/key-states.ts';
import { shortId, visibleText } from '../engine/visible-text.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Loading, ProblemNotice } from '../parts/notice.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { RegisterKey } from './register-key.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import styles from './settings-list.module.css';

/** The keys that sessions are sealed with, and what state each is in. */
export function KeysPage() {
  usePageTitle('Encryption keys');
  const list = useQuery({
    queryKey: keys.encryptionKeys,
    queryFn: ({ signal }) => api.encryptionKeys(signal),
    enabled: useMaySee('keys'),
    refetchInterval: 10_000,
  });
  return (
    <SettingsFrame
      current="keys"
      title="Encryption keys"
      text="Spans, logs and payloads are stored sealed, each session with a data key of its own. The active key wraps the data keys; old keys go on opening what they sealed."
      end={<RegisterKey />}
    >
      {list.isPending && <Loading what="keys" />}
      {list.isError && list.data === undefined && <ProblemNotice error={list.error} />}
      {list.data !== undefined && (
        <DataTable label="Keys" columns={['Key', 'Where', 'State', 'Registered', '']}>
          {list.data.data.map((key) => (
            <KeyRow key={key.id} encryptionKey={key} />
          ))}
        </DataTable>
      )}
    </SettingsFrame>
  );
}

function KeyRow({ encryptionKey: key }: { readonly encryptionKey: EncryptionKey }) {
  const client = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const outdate = () => client.invalidateQueries({ queryKey: keys.encryptionKeys });
  const change = useMutation({
    mutationFn: (act: KeyAct) => api.changeKey(key.id, act),
    onSuccess: () => setIsAsking(false),
    onSettled: outdate,
  });
  const check = useMutation({ mutationFn: () => api.encryptionKey(key.id), onSettled: outdate });
  const words = keyStateWords(key.state);
  const isBusy = change.isPending || check.isPending;
  const checked = check.data;
  return (
    <tr>
      <td>
        <strong>{visibleText(key.name)}</strong>
        <div className={styles['muted']}>
          <code title={key.id}>{shortId(key.id)}</code>
        </div>
      </td>
      <td>{KEY_PROVIDERS[key.provider]?.label ?? key.provider}</td>
      <td className={styles['wide']}>
        <Badge tone={words.tone}>{key.state}</Badge>
        <div className={styles['muted']}>{key.reason ?? words.text}</div>
        {check.isSuccess && checked !== undefined && (
          <div className={styles['muted']} role="status">
            Checked:{' '}
            {checked.reason ?? (checked.state === 'unreachable' ? 'it does not answer' : 'it answers')}
          </div>
        )}
        {(change.error ?? check.error) !== null && !isAsking && (
          <ProblemNotice error={change.error ?? check.error} />
        )}
      </td>
      <td className={styles['nowrap']}>
        <RelativeTime instant={key.created_at} />
        {key.activated_at !== null && (
          <div className={styles['muted']}>
            active <RelativeTime instant={key.activated_at} />
          </div>
        )}
      </td>
      <td className={styles['actions']}>
        <Button kind="quiet" disabled={isBusy} onClick={() => check.mutate()}>
          Check
        </Button>
        {key.state === 'active' ? (
          <Button disabled={isBusy} onClick={() => change.mutate('rotate')}>
            Rotate
          </Button>
        ) : (
          key.state !== 'destroyed' && (
            <Button disabled={isBusy} onClick={() => change.mutate('activate')}>
              Activate
            </Button>
          )
        )}
        {key.state !== 'disabled' && key.state !== 'destroyed' && (
          <Button kind="quiet" disabled={isBusy} onClick={() => setIsAsking(true)}>
            Disable
          </Button>
        )}
        <ConfirmDialog
          isOpen={isAsking}
          title={`Disable ${visibleText(key.name)}?`}
          action="Disable key"
          isBusy={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate('disable')}
          onClose={() => setIsAsking(false)}
        >
          <p>Sessions sealed with it can’t be read until it is activated again. Traffic is not touched.</p>
        </ConfirmDialog>
      </td>
    </tr>
  );
}
