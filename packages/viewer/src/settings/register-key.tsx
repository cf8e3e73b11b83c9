import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, type KeyProvider } from '../api/api.ts';
import { keys } from '../api/queries.ts';
import { KEY_PROVIDERS, type KeyField } from '../engine/key-form.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icons.tsx';

/** The button that registers a key, and its form. A registered key is used once it is activated. */
export function RegisterKey() {
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState('');
  const [provider, setProvider] = useState<KeyProvider>('local');
  const [config, setConfig] = useState<Readonly<Record<string, string>>>({});
  const fields: readonly KeyField[] = KEY_PROVIDERS[provider].fields;
  const register = useMutation({
    mutationFn: () =>
      api.registerKey({
        name: name.trim(),
        provider,
        config: Object.fromEntries(
          fields.flatMap((field) => {
            const value = config[field.name]?.trim() ?? '';
            return value === '' ? [] : [[field.name, value]];
          }),
        ),
      }),
    onSuccess: async () => {
      setIsOpen(false);
      setName('');
      setConfig({});
      await client.invalidateQueries({ queryKey: keys.encryptionKeys });
    },
  });
  return (
    <>
      <Button kind="primary" onClick={() => setIsOpen(true)}>
        <Icon name="plus" />
        Register a key
      </Button>
      <Dialog isOpen={isOpen} title="Register a key" onClose={() => setIsOpen(false)}>
        <DialogForm
          action="Register"
          isBusy={register.isPending}
          error={register.error}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            register.mutate();
          }}
          onClose={() => setIsOpen(false)}
        >
          <Field label="Name">
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
          <Field label="Where it lies">
            {(props) => (
              <select
                {...props}
                value={provider}
                onChange={(event) => setProvider(event.target.value as KeyProvider)}
              >
                {Object.entries(KEY_PROVIDERS).map(([id, { label }]) => (
                  <option key={id} value={id}>
                    {label}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {fields.map((field) => (
            <Field
              key={`${provider}:${field.name}`}
              label={field.label}
              {...(field.hint === '' ? {} : { hint: field.hint })}
            >
              {(props) => (
                <input
                  {...props}
                  required={field.isOptional !== true}
                  spellCheck={false}
                  value={config[field.name] ?? ''}
                  onChange={(event) => setConfig({ ...config, [field.name]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </DialogForm>
      </Dialog>
    </>
  );
}
