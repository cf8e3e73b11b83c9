import { relativeText } from '../engine/wall-time.ts';
import { useNow } from './use-now.ts';

/** How long ago an instant is, kept right; the instant itself is the tooltip. */
export function RelativeTime({ instant }: { readonly instant: string }) {
  const now = useNow(5_000);
  return (
    <time dateTime={instant} title={instant}>
      {relativeText(instant, now)}
    </time>
  );
}
