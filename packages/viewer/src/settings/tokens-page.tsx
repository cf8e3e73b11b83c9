import type { CreatedToken, Token } from '@gatescope/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { keys, useMaySee } from '../api/queries.ts';
import { ROLE_LABELS, scopeText } from '../engine/rights-words.ts';
import { visibleText } from '../engine/visible-text.ts';
import { Button } from '../parts/button.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { NewToken } from './new-token.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import styles from './settings-list.module.css';

/** Tokens for scripts; a new one is shown once. */
export function TokensPage() {
  usePageTitle('Tokens');
  const tokens = useQuery({
    queryKey: keys.tokens,
    queryFn: ({ signal }) => api.tokens(signal),
    enabled: useMaySee('tokens'),
  });
  const [made, setMade] = useState<CreatedToken | null>(null);
  return (
    <SettingsFrame
      current="tokens"
      title="Tokens"
      text="For scripts and the command line. A token may never do more than who made it."
      end={<NewToken onMade={setMade} />}
    >
      {made !== null && (
        <Panel
          title={`Token ${visibleText(made.name)}`}
          end={<Button onClick={() => setMade(null)}>Done</Button>}
        >
          <div className={styles['rights']} role="status">
            <p>This is the only time it is shown. Copy it now.</p>
            <div className={styles['secret']}>
              <code>{made.token}</code>
              <CopyButton text={made.token} label="Copy the token">
                Copy
              </CopyButton>
            </div>
          </div>
        </Panel>
      )}
      {tokens.isPending && <Loading what="tokens" />}
      {tokens.isError && tokens.data === undefined && <ProblemNotice error={tokens.error} />}
      {tokens.data !== undefined && tokens.data.data.length === 0 && (
        <EmptyState title="No token yet">
          <p>Make one to start sessions from a script.</p>
        </EmptyState>
      )}
      {tokens.data !== undefined && tokens.data.data.length > 0 && (
        <DataTable
          label="Tokens"
          columns={['Name', 'Role', 'Control planes', 'Payloads', 'Last used', 'Expires', '']}
        >
          {tokens.data.data.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </DataTable>
      )}
    </SettingsFrame>
  );
}

function TokenRow({ token }: { readonly token: Token }) {
  const client = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.deleteToken(token.id),
    onSuccess: async () => {
      setIsAsking(false);
      await client.invalidateQueries({ queryKey: keys.tokens });
    },
  });
  return (
    <tr>
      <td>
        <strong>{visibleText(token.name)}</strong>
      </td>
      <td>{ROLE_LABELS[token.role]}</td>
      <td>{scopeText(token.control_planes)}</td>
      <td>{token.payload_read ? 'may read' : '–'}</td>
      <td className={styles['nowrap']}>
        {token.last_used_at === null ? 'never' : <RelativeTime instant={token.last_used_at} />}
      </td>
      <td className={styles['nowrap']}>
        {token.expires_at === null ? 'never' : <RelativeTime instant={token.expires_at} />}
      </td>
      <td className={styles['actions']}>
        <Button kind="quiet" onClick={() => setIsAsking(true)}>
          Revoke
        </Button>
        <ConfirmDialog
          isOpen={isAsking}
          title={`Revoke ${visibleText(token.name)}?`}
          action="Revoke token"
          isBusy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setIsAsking(false)}
        >
          <p>Whatever uses it is refused from then on. This can’t be undone.</p>
        </ConfirmDialog>
      </td>
    </tr>
  );
}
