import type { ConfigCheckResult } from '@gatescope/protocol';
import { offsetOf } from './rule-marks.ts';

type Detail = ConfigCheckResult['errors'][number];

/** Something to say about a configuration, with its place in the text where it has one. */
export interface ConfigRemark {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly path: string;
  readonly suggestion: string;
  /** `line:column`; empty where it is about no place. */
  readonly where: string;
  readonly from: number | null;
  readonly to: number | null;
}

/** What a check said, errors first, in the order of the text. */
export function configRemarks(
  text: string,
  { errors, warnings }: Pick<ConfigCheckResult, 'errors' | 'warnings'>,
): ConfigRemark[] {
  const inOrder = (details: readonly Detail[]) =>
    [...details].sort(
      (a, b) =>
        (a.line ?? Number.MAX_VALUE) - (b.line ?? Number.MAX_VALUE) || (a.column ?? 0) - (b.column ?? 0),
    );
  return [
    ...inOrder(errors).map((detail) => remarkOf(text, detail, 'error')),
    ...inOrder(warnings).map((detail) => remarkOf(text, detail, 'warning')),
  ];
}

function remarkOf(text: string, detail: Detail, severity: ConfigRemark['severity']): ConfigRemark {
  const { message, path = '', line, column = 1, suggestion } = detail;
  const from = line === undefined ? null : offsetOf(text, line, column);
  return {
    severity,
    message,
    path,
    suggestion: suggestion ?? '',
    where: line === undefined ? '' : `${line}:${column}`,
    from,
    to: from === null ? null : endOfValue(text, from),
  };
}

/** Where what begins at a place ends: with its line, without the comment and the blanks behind it. */
function endOfValue(text: string, from: number): number {
  const lineEnd = text.indexOf('\n', from);
  const rest = text
    .slice(from, lineEnd < 0 ? text.length : lineEnd)
    .replace(/\s+#.*$/, '')
    .trimEnd();
  return Math.max(from + 1, from + rest.length);
}
