import type { CapturedMessage, Payload } from '@gatescope/protocol';
import { oneLine } from './stderr-logger.ts';
import { bold, dim } from './style.ts';

const TITLES = {
  client_request: 'Request of the client',
  upstream_request: 'Request to the upstream',
  upstream_response: 'Answer of the upstream',
  client_response: 'Answer to the client',
} as const;

/** Captured messages as text: headers, body, and what was masked. Nothing of them steers the terminal. */
export function payloadText(payload: Payload): string {
  return Object.entries(TITLES)
    .map(([name, title]) => messageText(title, payload[name as keyof Payload]))
    .join('\n');
}

function messageText(title: string, message: CapturedMessage | null): string {
  if (message === null) return `${bold(title)}\n${dim('none was sent, or none was captured')}\n`;
  const { headers, body, redactions } = message;
  const fields = headers.map(([name, value]) => `${oneLine(name)}: ${oneLine(value)}\n`).join('');
  const masked = redactions
    .map(({ where, rule, count }) => `${oneLine(where)} ${oneLine(rule)} (${count})`)
    .join(', ');
  return `${bold(title)}\n${fields}${bodyText(body)}${masked === '' ? '' : `${dim(`masked: ${masked}`)}\n`}`;
}

function bodyText(body: CapturedMessage['body']): string {
  if (body === null) return '';
  const { size_bytes, captured_bytes, truncated } = body;
  const size = dim(
    truncated ? `${captured_bytes} of ${size_bytes} bytes were captured` : `${size_bytes} bytes`,
  );
  const text = 'text' in body ? body.text.split('\n').map(oneLine).join('\n') : `(Base64) ${body.base64}`;
  return `\n${text}\n${size}\n`;
}
