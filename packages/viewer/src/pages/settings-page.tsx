import type { SettingsPage as Page } from '../engine/paths.ts';
import { AuditPage } from '../settings/audit-page.tsx';
import { KeysPage } from '../settings/keys-page.tsx';
import { PayloadCapturePage } from '../settings/payload-capture-page.tsx';
import { RedactionPage } from '../settings/redaction-page.tsx';
import { TokensPage } from '../settings/tokens-page.tsx';
import { UsersPage } from '../settings/users-page.tsx';

const PAGES: Readonly<Record<Page, () => React.JSX.Element>> = {
  'payload-capture': PayloadCapturePage,
  redaction: RedactionPage,
  keys: KeysPage,
  users: UsersPage,
  tokens: TokensPage,
  'audit-log': AuditPage,
};

/** One page of the settings. */
export function SettingsPage({ page }: { readonly page: Page }) {
  const Shown = PAGES[page];
  return <Shown />;
}
