import { CLIENT_SPANS } from '@gatescope/trace';
import { formatShare } from './duration-format.ts';
import { rowOf, type TraceReading } from './ending.ts';
import { type Finding, isMuch, ofTotal } from './finding.ts';
import { durationOf } from './trace-model.ts';

/** Less than this is a way to a client and back, or two, of any network: nothing that is wrong with the client. */
const SLOW_CLIENT_NS = 100e6;

const HANDSHAKE = 'kong.tls_handshake';
const WHAT: ReadonlyMap<string, string> = new Map([
  ['kong.read_client_http_headers', 'sending its headers slowly'],
  ['kong.read_client_http_body', 'sending its body slowly'],
  ['kong.wait_for_client_read', 'reading the response slowly'],
]);

/** A handshake that cost much, and a client that kept the gateway waiting. */
export function clientFindings({ model, summary, transaction }: TraceReading): Finding[] {
  const found: Finding[] = [];
  const handshake = rowOf(transaction, HANDSHAKE);
  if (handshake !== null && isMuch(durationOf(model, handshake), 0.1, summary))
    found.push({
      ...{ kind: 'handshake', tone: 'info', row: handshake },
      text: `The TLS handshake took ${formatShare(durationOf(model, handshake), summary.duration_ms * 1e6)} of the time; later requests on the connection are spared it.`,
      ...ofTotal(durationOf(model, handshake), summary),
    });
  const waits = CLIENT_SPANS.flatMap((name) => {
    const row = name === HANDSHAKE ? null : rowOf(transaction, name);
    return row === null ? [] : [{ row, ns: durationOf(model, row), what: WHAT.get(name) ?? name }];
  });
  const ns = waits.reduce((sum, wait) => sum + wait.ns, 0);
  const longest = waits.reduce((most, wait) => (wait.ns > most.ns ? wait : most), {
    row: -1,
    ns: 0,
    what: '',
  });
  if (longest.row >= 0 && isMuch(ns, 0.2, summary, SLOW_CLIENT_NS))
    found.push({
      ...{ kind: 'client', tone: 'warn', row: longest.row },
      text: `The client kept the gateway waiting for ${formatShare(ns, summary.duration_ms * 1e6)} of the time, mostly by ${longest.what}.`,
      ...ofTotal(ns, summary),
    });
  return found;
}
