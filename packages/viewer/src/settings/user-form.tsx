import type { User } from '@gatescope/protocol';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, type Rights } from '../api/api.ts';
import { keys } from '../api/queries.ts';
import { visibleText } from '../engine/visible-text.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icons.tsx';
import { RightsFields } from './rights-fields.tsx';

const NO_RIGHTS: Rights = { role: 'viewer', control_planes: [], payload_read: false };

/** The button that makes an account or changes one, and its form. */
export function UserForm({ user }: { readonly user: User | null }) {
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [rights, setRights] = useState<Rights>(NO_RIGHTS);
  const open = () => {
    setEmail('');
    setPassword('');
    setRights(
      user === null
        ? NO_RIGHTS
        : { role: user.role, control_planes: user.control_planes, payload_read: user.payload_read },
    );
    save.reset();
    setIsOpen(true);
  };
  const save = useMutation({
    mutationFn: () =>
      user === null
        ? api.createUser({ email: email.trim(), password, ...rights })
        : api.changeUser(user.id, password === '' ? rights : { ...rights, password }),
    onSuccess: async () => {
      setIsOpen(false);
      await client.invalidateQueries({ queryKey: keys.users });
      await client.invalidateQueries({ queryKey: keys.me });
    },
  });
  return (
    <>
      {user === null ? (
        <Button kind="primary" onClick={open}>
          <Icon name="plus" />
          New user
        </Button>
      ) : (
        <Button kind="quiet" onClick={open}>
          Change
        </Button>
      )}
      <Dialog
        isOpen={isOpen}
        title={user === null ? 'New user' : `Change ${visibleText(user.email)}`}
        onClose={() => setIsOpen(false)}
      >
        <DialogForm
          action={user === null ? 'Create' : 'Save'}
          isBusy={save.isPending}
          error={save.error}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            save.mutate();
          }}
          onClose={() => setIsOpen(false)}
        >
          {user === null && (
            <Field label="Email">
              {(props) => (
                <input
                  {...props}
                  type="email"
                  required
                  autoComplete="off"
                  value={email}
                  onChange={(event) => setEmail(event.target.value)}
                />
              )}
            </Field>
          )}
          <Field
            label={user === null ? 'Password' : 'New password'}
            hint={user === null ? 'At least 12 characters' : 'Empty: stays as it is'}
          >
            {(props) => (
              <input
                {...props}
                type="password"
                required={user === null}
                minLength={12}
                autoComplete="new-password"
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
          <RightsFields rights={rights} onChange={setRights} />
        </DialogForm>
      </Dialog>
    </>
  );
}
