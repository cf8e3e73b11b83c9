/** A caller's place in a trace, ids in hexadecimal digits. */
export interface Traceparent {
  readonly traceId: string;
  readonly parentId: string;
  readonly isSampled: boolean;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(|-.*)$/;
const ALL_ZERO = /^0+$/;

/** Reads a traceparent field (https://www.w3.org/TR/trace-context/#traceparent-header); null where it is not valid. */
export function parseTraceparent(text: string): Traceparent | null {
  const matched = FORM.exec(text);
  if (matched === null) return null;
  const [, version, traceId, parentId, flags, rest] = matched as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (version === 'ff' || (version === '00' && rest !== '')) return null;
  if (ALL_ZERO.test(traceId) || ALL_ZERO.test(parentId)) return null;
  return { traceId, parentId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
