import type { Me } from '@gatescope/protocol';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../api/api.ts';
import { keys } from '../api/queries.ts';
import { paths } from '../engine/paths.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import styles from './top-bar.module.css';

/** The bar above every page: where one is, how it looks, who is signed in. */
export function TopBar({ me }: { readonly me: Me }) {
  const client = useQueryClient();
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
        <ThemeSwitch />
        <span className={styles['user']} title={`${me.email ?? me.name}, ${ROLES[me.role]}`}>
          {me.name}
        </span>
        <Button kind="quiet" onClick={() => signOut.mutate()} disabled={signOut.isPending}>
          Sign out
        </Button>
      </div>
    </header>
  );
}

const ROLES = {
  org_admin: 'organisation admin',
  control_plane_admin: 'control plane admin',
  viewer: 'viewer',
} as const;
