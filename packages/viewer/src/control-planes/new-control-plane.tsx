import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../api/api.ts';
import { keys } from '../api/queries.ts';
import { paths } from '../engine/paths.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icons.tsx';

/** The button that makes a control plane, and its form. */
export function NewControlPlane() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const create = useMutation({
    mutationFn: () => api.createControlPlane({ name: name.trim(), description: description.trim() }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: keys.controlPlanes });
      navigate(paths.controlPlaneTab(made.name, 'overview'));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>
        <Icon name="plus" />
        New control plane
      </Button>
      <Dialog isOpen={isOpen} title="New control plane" onClose={() => setIsOpen(false)}>
        <DialogForm
          action="Create"
          isBusy={create.isPending}
          error={create.error}
          onSubmit={submit}
          onClose={() => setIsOpen(false)}
        >
          <Field label="Name" hint="Letters, digits, dots, dashes; part of its address">
            {(props) => (
              <input
                {...props}
                required
                maxLength={100}
                pattern="[A-Za-z0-9][A-Za-z0-9._~\-]*"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label="Description" hint="May be left empty">
            {(props) => (
              <input
                {...props}
                maxLength={1_000}
                value={description}
                onChange={(event) => setDescription(event.target.value)}
              />
            )}
          </Field>
        </DialogForm>
      </Dialog>
    </>
  );
}
