import { attributeText } from '../engine/attribute-groups.ts';
import { formatExactMs, grouped } from '../engine/duration-format.ts';
import type { SpanFacts } from '../engine/span-facts.ts';
import { cutText, visibleText } from '../engine/visible-text.ts';
import { offsetNs } from '../engine/wall-time.ts';
import { LongText } from '../parts/long-text.tsx';
import styles from './span-events.module.css';

interface Props {
  readonly events: SpanFacts['events'];
  readonly originUnixNano: string;
}

/** Events, and attributes of one, shown at most. */
const EVENTS_MAX = 50;
const ATTRIBUTES_MAX = 20;

/** What happened at one instant within a span, with the time after the trace's start. */
export function SpanEvents({ events, originUnixNano }: Props) {
  if (events.length === 0) return null;
  return (
    <section>
      <h3 className={styles['title']}>Events</h3>
      <ol className={styles['events']}>
        {events.slice(0, EVENTS_MAX).map((event, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the events of a span never change or move
          <li key={index}>
            <span className={styles['time']}>
              +{formatExactMs(offsetNs(originUnixNano, event.time_unix_nano))}
            </span>
            <strong>{visibleText(cutText(event.name, 300))}</strong>
            {Object.entries(event.attributes)
              .slice(0, ATTRIBUTES_MAX)
              .map(([name, value]) => (
                <span key={name} className={styles['attribute']}>
                  <code>{visibleText(cutText(name, 300))}</code>{' '}
                  <LongText text={attributeText({ value, unit: null })} label={name} />
                </span>
              ))}
          </li>
        ))}
        {events.length > EVENTS_MAX && (
          <li>{grouped(events.length - EVENTS_MAX)} later events are in the download.</li>
        )}
      </ol>
    </section>
  );
}
