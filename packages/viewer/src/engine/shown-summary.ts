import type { TraceSummary } from '@gatescope/protocol';
import { cutText, visibleText } from './visible-text.ts';

/** Characters of a text of a summary that are shown, at most: a path may be as long as a request's head. */
const MOST = { word: 200, path: 2_000, error: 2_000 } as const;

/** A summary whose texts can be seen and are short enough to stand in a row; what others sent may be neither. */
export function shownSummary(summary: TraceSummary): TraceSummary {
  const { slowest_plugin: slowest } = summary;
  return {
    ...summary,
    method: shown(summary.method, MOST.word),
    host: shown(summary.host, MOST.word),
    path: shown(summary.path, MOST.path),
    service: shown(summary.service, MOST.word),
    route: shown(summary.route, MOST.word),
    consumer: shown(summary.consumer, MOST.word),
    error: shown(summary.error, MOST.error),
    slowest_plugin: slowest === null ? null : { ...slowest, name: shown(slowest.name, MOST.word) },
    exited_by: shown(summary.exited_by, MOST.word),
  };
}

function shown<T extends string | null>(text: T, most: number): T {
  return (text === null ? null : visibleText(cutText(text, most))) as T;
}
