import { categoryOf, phaseOfSpan, type SpanCategory } from './span-category.ts';
import { childrenOf, durationOf, hasFailed, nameOf, startOf, type TraceModel } from './trace-model.ts';
import type { PluginStep, Transaction } from './transaction.ts';

/** One stretch of a request's way, as the summary lists them from first to last. */
export interface RequestStep {
  readonly row: number;
  readonly label: string;
  readonly category: SpanCategory;
  /** After the start of the root span. */
  readonly startNs: number;
  readonly durationNs: number;
  readonly failed: boolean;
  readonly plugins: readonly PluginStep[];
  /** Runs after the response and is no part of the total. */
  readonly isAfter: boolean;
}

const LABELS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'kong.tls_handshake': 'TLS handshake',
    'kong.read_client_http_headers': 'Read request headers',
    'kong.read_client_http_body': 'Read request body',
    'kong.router': 'Find route',
    'kong.upstream.selection': 'Select and connect upstream',
    'kong.upstream.find_upstream': 'Connect to upstream',
    'kong.dns': 'Look up name',
    'kong.send_request_to_upstream': 'Send request to upstream',
    'kong.read_headers_from_upstream': 'Wait for upstream response',
    'kong.read_body_from_upstream': 'Read response from upstream',
    'kong.wait_for_client_read': 'Send response to client',
  }),
);

/** What a span is called for people; its own name where there is nothing better. */
export function stepLabel(name: string): string {
  const phase = phaseOfSpan(name);
  return phase === null ? (LABELS.get(name) ?? name) : `${phase} phase`;
}

/** The steps directly below the root in the order they began, each phase with its plugins; certificate lies below its handshake. */
export function requestSteps(model: TraceModel, transaction: Transaction): RequestStep[] {
  if (model.root < 0) return [];
  const pluginsByRow = new Map(
    [...transaction.request, ...transaction.response, ...transaction.after].map((phase) => [
      phase.row,
      phase.plugins,
    ]),
  );
  const origin = startOf(model, model.root);
  const step = (row: number): RequestStep => {
    const name = nameOf(model, row);
    return {
      row,
      label: stepLabel(name),
      category: categoryOf(name),
      startNs: startOf(model, row) - origin,
      durationNs: durationOf(model, row),
      failed: hasFailed(model, row),
      plugins: pluginsByRow.get(row) ?? [],
      isAfter: phaseOfSpan(name) === 'log',
    };
  };
  const certificate = transaction.rowByName.get('kong.phase.certificate');
  const rows = childrenOf(model, model.root);
  if (certificate !== undefined && !rows.includes(certificate)) {
    const handshake = rows.indexOf(model.parent[certificate]!);
    rows.splice(handshake < 0 ? 0 : handshake + 1, 0, certificate);
  }
  return rows.map(step);
}
