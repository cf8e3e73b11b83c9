/** A field of a provider's configuration. */
export interface KeyField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly isOptional?: boolean;
}

/** Where keys can lie, and what has to be told of each place. Secrets are named, never sent. */
export const KEY_PROVIDERS = {
  local: {
    label: 'File on the control plane',
    fields: [{ name: 'path', label: 'Path', hint: 'Absolute, on the control plane’s machine; mode 0600' }],
  },
  pkcs11: {
    label: 'PKCS #11 (HSM)',
    fields: [
      { name: 'library', label: 'Library', hint: 'Path of the provider’s module, such as libsofthsm2.so' },
      { name: 'token_label', label: 'Token label', hint: '' },
      { name: 'pin_env', label: 'PIN variable', hint: 'Name of the environment variable that holds the PIN' },
      { name: 'key_label', label: 'Key label', hint: '' },
    ],
  },
  'aws-kms': {
    label: 'AWS KMS',
    fields: [
      { name: 'key_arn', label: 'Key ARN', hint: 'arn:aws:kms:…' },
      { name: 'region', label: 'Region', hint: '' },
      { name: 'endpoint', label: 'Endpoint', hint: 'Only for one of your own', isOptional: true },
    ],
  },
} as const satisfies Record<string, { readonly label: string; readonly fields: readonly KeyField[] }>;
