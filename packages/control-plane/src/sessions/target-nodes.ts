import { AppError } from '@gatescope/base';
import type { NodeRow } from '../store/schema.ts';

/** A node that a session starts with; with a reason it is refused from the start. */
export interface TargetNode {
  readonly id: string;
  readonly reason: string | null;
}

/**
 * The nodes that a session asks for, out of those its control plane knows: of `all`, those that are connected. Throws `unknown_node`, and
 * `node_cannot_trace` where a named one, or every one of `all`, can not.
 */
export function targetNodes(
  nodes: 'all' | readonly string[],
  known: readonly NodeRow[],
  isConnected: (nodeId: string) => boolean,
): TargetNode[] {
  if (nodes === 'all') {
    const connected = known.filter((node) => isConnected(node.id));
    if (connected.length === 0)
      throw new AppError('node_cannot_trace', 'no node is connected; start one with gatescope data-plane');
    if (connected.every((node) => node.tracing_available === 0)) throw cannotTrace(connected);
    return connected.map((node) => ({
      id: node.id,
      reason: node.tracing_available === 1 ? null : (node.tracing_reason ?? 'the node can not trace'),
    }));
  }
  const unknown = nodes.filter((id) => !known.some((node) => node.id === id));
  if (unknown.length > 0) {
    throw new AppError('unknown_node', `there is no node ${unknown.join(', ')}`, {
      details: unknown.map((id) => ({
        message: `unknown node ${id}`,
        path: `nodes[${nodes.indexOf(id)}]`,
      })),
    });
  }
  const named = known.filter((node) => nodes.includes(node.id));
  const unable = named.filter((node) => node.tracing_available === 0);
  if (unable.length > 0) throw cannotTrace(unable);
  return named.map((node) => ({ id: node.id, reason: null }));
}

function cannotTrace(nodes: readonly NodeRow[]): AppError {
  const [first] = nodes;
  const reason = first?.tracing_reason ?? 'the node does not offer tracing';
  return new AppError(
    'node_cannot_trace',
    nodes.length === 1
      ? `node ${first?.hostname}: ${reason}`
      : `${nodes.length} nodes can not trace: ${reason}`,
    {
      details: nodes.map((node) => ({
        message: `${node.hostname} (${node.id}): ${node.tracing_reason ?? 'does not offer tracing'}`,
        path: 'nodes',
      })),
    },
  );
}
