import { formatExactMs } from '../engine/duration-format.ts';
import type { SpanFacts } from '../engine/span-facts.ts';
import { offsetNs } from '../engine/wall-time.ts';
import styles from './span-events.module.css';

interface Props {
  readonly events: SpanFacts['events'];
  readonly originUnixNano: string;
}

/** What happened at one instant within a span, with the time after the trace's start. */
export function SpanEvents({ events, originUnixNano }: Props) {
  if (events.length === 0) return null;
  return (
    <section>
      <h3 className={styles['title']}>Events</h3>
      <ol className={styles['events']}>
        {events.map((event) => (
          <li key={`${event.time_unix_nano}:${event.name}`}>
            <span className={styles['time']}>
              +{formatExactMs(offsetNs(originUnixNano, event.time_unix_nano))}
            </span>
            <strong>{event.name}</strong>
            {Object.entries(event.attributes).map(([name, value]) => (
              <span key={name} className={styles['attribute']}>
                <code>{name}</code> {typeof value === 'string' ? value : JSON.stringify(value)}
              </span>
            ))}
          </li>
        ))}
      </ol>
    </section>
  );
}
