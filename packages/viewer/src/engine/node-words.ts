import type { Node } from '@gatescope/protocol';
import { shortId, visibleText } from './visible-text.ts';

/** What nodes are called, by their ids: their host's name, and where several share one the beginning of their ids too. */
export function nodeNames(nodes: readonly Pick<Node, 'id' | 'hostname'>[]): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  for (const { hostname } of nodes) counts.set(hostname, (counts.get(hostname) ?? 0) + 1);
  return new Map(
    nodes.map(({ id, hostname }) => {
      const name = visibleText(hostname);
      return [id, counts.get(hostname) === 1 ? name : `${name} · ${shortId(id)}`];
    }),
  );
}

/** Why a node can't be traced, and what to do about it; `mend` is empty where nothing is known that helps. */
export interface TracingTrouble {
  readonly reason: string;
  readonly mend: string;
}

/** What keeps a node from being traced; null where nothing does. */
export function tracingTrouble({ tracing }: Pick<Node, 'tracing'>): TracingTrouble | null {
  if (tracing.available) return null;
  const text = tracing.reason?.trim() ?? '';
  if (text === '') return { reason: 'This node does not offer tracing.', mend: '' };
  const end = /[.!?]\s/.exec(text);
  if (end === null) return { reason: text, mend: '' };
  return { reason: text.slice(0, end.index + 1), mend: text.slice(end.index + 2).trim() };
}

/** A piece of a sentence; `isCode` for a setting or a value to be typed as it stands. */
export interface Piece {
  readonly text: string;
  readonly isCode: boolean;
}

/** Cuts a sentence at the settings and file names in it, so that they can be shown as such. */
export function pieces(sentence: string): Piece[] {
  return sentence
    .split(/(\b[A-Z]{2,}(?:_[A-Z0-9]+)+(?:=[\w.:/-]*\w)?|\b\w+\.conf\b|\b[a-z]+(?:_[a-z]+)+\b)/)
    .map((text, index) => ({ text, isCode: index % 2 === 1 }))
    .filter(({ text }) => text !== '');
}

/** How a node's configuration stands to the one in force. */
export type ConfigStanding = 'none' | 'in-force' | 'another';

export function configStanding(node: Pick<Node, 'config_hash' | 'config_in_sync'>): ConfigStanding {
  if (node.config_in_sync) return 'in-force';
  return node.config_hash === null ? 'none' : 'another';
}

/** Clocks that are further apart than this make traces hard to read beside each other, ms. */
const CLOCK_OFFSET_MS = 1_000;

/** What is said of a node's clock; null where it is right or not known. */
export function clockTrouble({ clock_offset_ms: offset }: Pick<Node, 'clock_offset_ms'>): string | null {
  if (offset === null || Math.abs(offset) <= CLOCK_OFFSET_MS) return null;
  const seconds = (Math.abs(offset) / 1_000).toFixed(1);
  return `Its clock is ${seconds} s ${offset > 0 ? 'ahead of' : 'behind'} the control plane’s.`;
}

/** How many nodes there are and what they can do, in a few words. */
export function nodesText(nodes: readonly Pick<Node, 'connected' | 'tracing'>[]): string {
  const connected = nodes.filter((node) => node.connected);
  const able = connected.filter((node) => node.tracing.available).length;
  if (connected.length === 0) return 'No node is connected';
  if (able === connected.length)
    return `${connected.length === 1 ? '1 node' : `${connected.length} nodes`} connected`;
  return `${connected.length} connected, ${able === 0 ? 'none' : able} can be traced`;
}
