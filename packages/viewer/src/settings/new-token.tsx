import type { CreatedToken } from '@gatescope/protocol';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, type Rights } from '../api/api.ts';
import { keys, useMe } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icons.tsx';
import { RightsFields } from './rights-fields.tsx';

const DAY = 86_400;
const LIVES: readonly (readonly [number | null, string])[] = [
  [DAY, 'A day'],
  [30 * DAY, '30 days'],
  [90 * DAY, '90 days'],
  [365 * DAY, 'A year'],
  [null, 'No end'],
];

/** The button that makes a token, and its form. */
export function NewToken({ onMade }: { readonly onMade: (token: CreatedToken) => void }) {
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState('');
  const [life, setLife] = useState<number | null>(30 * DAY);
  const own = useMe().data?.control_planes ?? [];
  const [rights, setRights] = useState<Rights>({ role: 'viewer', control_planes: own, payload_read: false });
  const create = useMutation({
    mutationFn: () => api.createToken({ name: name.trim(), expires_in_seconds: life, ...rights }),
    onSuccess: async (made) => {
      setIsOpen(false);
      setName('');
      onMade(made);
      await client.invalidateQueries({ queryKey: keys.tokens });
    },
  });
  return (
    <>
      <Button kind="primary" onClick={() => setIsOpen(true)}>
        <Icon name="plus" />
        New token
      </Button>
      <Dialog isOpen={isOpen} title="New token" onClose={() => setIsOpen(false)}>
        <DialogForm
          action="Create"
          isBusy={create.isPending}
          error={create.error}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            create.mutate();
          }}
          onClose={() => setIsOpen(false)}
        >
          <Field label="Name" hint="What it is for">
            {(props) => (
              <input
                {...props}
                required
                maxLength={200}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label="Good for">
            {(props) => (
              <select
                {...props}
                value={String(life)}
                onChange={(event) =>
                  setLife(event.target.value === 'null' ? null : Number(event.target.value))
                }
              >
                {LIVES.map(([seconds, text]) => (
                  <option key={text} value={String(seconds)}>
                    {text}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <RightsFields rights={rights} onChange={setRights} />
        </DialogForm>
      </Dialog>
    </>
  );
}
