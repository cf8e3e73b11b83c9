import { Redirect } from 'wouter';
import { useControlPlanes } from '../api/queries.ts';
import { paths } from '../engine/paths.ts';
import { Loading } from '../parts/notice.tsx';

/** Where one begins: the sessions of the only control plane one may see, or the choice among several. */
export function HomePage() {
  const { data, isPending } = useControlPlanes();
  if (isPending) return <Loading what="control planes" />;
  const [only, ...others] = data ?? [];
  return (
    <Redirect
      to={only !== undefined && others.length === 0 ? paths.sessions(only.name) : paths.controlPlanes()}
      replace
    />
  );
}
