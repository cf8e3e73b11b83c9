import type { ErrorDetail } from '@gatescope/base';

/** What the gateway says of a kong.yml; the composition root hands the gateway's own checker in, so that nothing here knows a plugin. */
export type ConfigCheck =
  | {
      readonly ok: true;
      /** SHA-256 of the text, hexadecimal. */
      readonly hash: string;
      readonly document: Readonly<Record<string, unknown>>;
      readonly warnings: readonly ErrorDetail[];
      readonly services: readonly { readonly id: string; readonly name: string | null }[];
      readonly routes: readonly {
        readonly id: string;
        readonly name: string | null;
        readonly service_id: string | null;
      }[];
      readonly consumers: readonly { readonly id: string; readonly name: string | null }[];
      /** The names of headers and parameters that hold API keys. */
      readonly keyNames: readonly string[];
    }
  | { readonly ok: false; readonly errors: readonly ErrorDetail[] };

export type CheckConfig = (text: string) => ConfigCheck;
