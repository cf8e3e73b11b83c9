import type { Session } from '@gatescope/protocol';
import { useState } from 'react';
import { type CountSample, ratePerSecond, rateText, withSample } from '../engine/match-rate.ts';
import { useNow } from '../parts/use-now.ts';

/** How many requests match in a second, of the last ten; a dash until that can be told. */
export function MatchRate({ session }: { readonly session: Session }) {
  const now = useNow(1_000);
  const { matched } = session.counts;
  const [samples, setSamples] = useState<readonly CountSample[]>([{ atMs: now, count: matched }]);
  const last = samples.at(-1);
  if (last?.count !== matched) setSamples(withSample(samples, { atMs: now, count: matched }));
  const rate = ratePerSecond(withSample(samples, { atMs: now, count: matched }), now);
  return <>{rate === null ? '–' : rateText(rate)}</>;
}
