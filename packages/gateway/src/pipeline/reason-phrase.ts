import { STATUS_CODES } from 'node:http';

/** What the registry calls differently than Node does. */
const REASONS: Readonly<Record<number, string>> = {
  413: 'Content Too Large',
  418: "I'm a teapot",
  422: 'Unprocessable Content',
};

/** The reason phrase of a status (RFC 9110 §15 and the registry behind it); `Unknown` for one that has none. */
export function reasonOf(status: number): string {
  return REASONS[status] ?? STATUS_CODES[status] ?? 'Unknown';
}
