import type { CapturedMessage, TraceSummary } from '@gatescope/protocol';
import { shellQuoted } from './curl-command.ts';

/** Headers that curl writes itself, or that belong to one connection. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['host', 'content-length', 'connection', 'keep-alive', 'transfer-encoding', 'te', 'upgrade', 'expect'],
]);

/**
 * The command that sends a request again, as far as it was captured. What was masked is a variable of the shell's, `$AUTHORIZATION`, to be set by
 * whoever runs it; where nothing was captured but somebody was known, the one header that says who.
 */
export function requestCommand(
  summary: TraceSummary,
  scheme: string,
  message: CapturedMessage | null,
): string {
  const url = `${/^https?$/.test(scheme) ? scheme : 'http'}://${summary.host ?? 'localhost'}${summary.path}`;
  const method = /^[A-Za-z]{1,20}$/.test(summary.method) ? summary.method : 'GET';
  const parts = [`curl ${method === 'GET' ? '' : `-X ${method} `}${shellQuoted(url)}`];
  const masked = new Set(
    (message?.redactions ?? []).flatMap(({ where }) =>
      where.startsWith('headers.') ? [where.slice('headers.'.length).toLowerCase()] : [],
    ),
  );
  for (const [name, value] of message?.headers ?? []) {
    if (LEFT_OUT.has(name.toLowerCase()) || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) continue;
    parts.push(
      masked.has(name.toLowerCase())
        ? `-H "${name.replace(/[$`"\\]/g, '\\$&')}: $${variableOf(name)}"`
        : `-H ${shellQuoted(`${name}: ${value}`)}`,
    );
  }
  if (message === null && summary.consumer !== null) parts.push('-H "Authorization: $AUTHORIZATION"');
  const body = message?.body;
  if (body != null && 'text' in body && body.text !== '' && !body.truncated)
    parts.push(`--data-raw ${shellQuoted(body.text)}`);
  return parts.join(' \\\n  ');
}

function variableOf(header: string): string {
  return header.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
