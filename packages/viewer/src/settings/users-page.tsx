import type { User } from '@gatescope/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { keys, useMaySee, useMe } from '../api/queries.ts';
import { ROLE_LABELS, scopeText } from '../engine/rights-words.ts';
import { visibleText } from '../engine/visible-text.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { SettingsFrame } from './settings-frame.tsx';
import styles from './settings-list.module.css';
import { UserForm } from './user-form.tsx';

/** The accounts and what each may do. */
export function UsersPage() {
  usePageTitle('Users');
  const users = useQuery({
    queryKey: keys.users,
    queryFn: ({ signal }) => api.users(signal),
    enabled: useMaySee('users'),
  });
  return (
    <SettingsFrame
      current="users"
      title="Users"
      text="People who sign in, with their role and where it holds. Nobody can give more than they have."
      end={<UserForm user={null} />}
    >
      {users.isPending && <Loading what="users" />}
      {users.isError && users.data === undefined && <ProblemNotice error={users.error} />}
      {users.data?.data.length === 0 && (
        <EmptyState title="No users yet">
          <p>
            You are signed in by the link or token of the installation. Make a user for each who comes by
            email and password.
          </p>
        </EmptyState>
      )}
      {users.data !== undefined && users.data.data.length > 0 && (
        <DataTable label="Users" columns={['Email', 'Role', 'Control planes', 'Payloads', 'Since', '']}>
          {users.data.data.map((user) => (
            <UserRow key={user.id} user={user} />
          ))}
        </DataTable>
      )}
    </SettingsFrame>
  );
}

function UserRow({ user }: { readonly user: User }) {
  const client = useQueryClient();
  const me = useMe().data;
  const [isAsking, setIsAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.deleteUser(user.id),
    onSuccess: async () => {
      setIsAsking(false);
      await client.invalidateQueries({ queryKey: keys.users });
    },
  });
  return (
    <tr>
      <td>
        <strong>{visibleText(user.email)}</strong> {user.id === me?.id && <Badge tone="info">you</Badge>}
      </td>
      <td>{ROLE_LABELS[user.role]}</td>
      <td>{scopeText(user.control_planes)}</td>
      <td>{user.payload_read ? 'may read' : '–'}</td>
      <td className={styles['nowrap']}>
        <RelativeTime instant={user.created_at} />
      </td>
      <td className={styles['actions']}>
        <UserForm user={user} />
        <Button kind="quiet" disabled={user.id === me?.id} onClick={() => setIsAsking(true)}>
          Delete
        </Button>
        <ConfirmDialog
          isOpen={isAsking}
          title={`Delete ${visibleText(user.email)}?`}
          action="Delete user"
          isBusy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setIsAsking(false)}
        >
          <p>They are signed out at once. What they did stays in the audit log.</p>
        </ConfirmDialog>
      </td>
    </tr>
  );
}
