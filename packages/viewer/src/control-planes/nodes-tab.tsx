import { useNodes } from '../api/queries.ts';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { NodeTable } from './node-table.tsx';

/** The data planes of a control plane. */
export function NodesTab({ cp }: { readonly cp: string }) {
  usePageTitle('Nodes');
  const nodes = useNodes(cp);
  if (nodes.isPending) return <Loading what="nodes" />;
  if (nodes.data === undefined) return <ProblemNotice error={nodes.error} />;
  if (nodes.data.length === 0) {
    return (
      <EmptyState title="No node has connected yet">
        <p>
          Start one with <code>gatescope data-plane</code>; it shows here as soon as it says hello.
        </p>
      </EmptyState>
    );
  }
  return <NodeTable nodes={nodes.data} />;
}
