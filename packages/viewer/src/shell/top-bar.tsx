import type { Me } from '@gatescope/protocol';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { api } from '../api/api.ts';
import { keys } from '../api/queries.ts';
import { paths } from '../engine/paths.ts';
import { Button, ButtonLink, IconButton } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { type ShellDialog, ShellKeys } from './shell-keys.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import styles from './top-bar.module.css';

/** The bar above every page: where one is, how it looks, who is signed in; null for nobody, on a page that needs nobody. */
export function TopBar({ me }: { readonly me: Me | null }) {
  const client = useQueryClient();
  const [dialog, setDialog] = useState<ShellDialog>(null);
  const signOut = useMutation({
    mutationFn: api.signOut,
    onSettled: () => {
      client.clear();
      client.setQueryData(keys.me, null);
    },
  });
  return (
    <header className={styles['bar']}>
      <Link href={paths.controlPlanes()} className={styles['logo']}>
        <Icon name="logo" size={20} />
        <span>Gatescope</span>
      </Link>
      <Breadcrumbs />
      <div className={styles['end']}>
        <IconButton label="Go to or do (Ctrl K)" onClick={() => setDialog('palette')}>
          <Icon name="search" size={16} />
        </IconButton>
        <IconButton label="Keys (?)" onClick={() => setDialog('help')}>
          <Icon name="keyboard" size={16} />
        </IconButton>
        <ThemeSwitch />
        {me !== null && (
          <Link href={paths.settings()} className={styles['link']} aria-label="Settings" title="Settings">
            <Icon name="gear" size={16} />
          </Link>
        )}
        {me === null ? (
          <ButtonLink href={paths.signIn()}>Sign in</ButtonLink>
        ) : (
          <>
            <span className={styles['user']} title={`${me.email ?? me.name}, ${ROLES[me.role]}`}>
              {me.name}
            </span>
            <Button kind="quiet" onClick={() => signOut.mutate()} disabled={signOut.isPending}>
              Sign out
            </Button>
          </>
        )}
      </div>
      <ShellKeys shown={dialog} onShow={setDialog} onSignOut={() => signOut.mutate()} />
    </header>
  );
}

const ROLES = {
  org_admin: 'organisation admin',
  control_plane_admin: 'control plane admin',
  viewer: 'viewer',
} as const;
