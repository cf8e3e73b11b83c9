import { messageOf } from '@gatescope/base';
import { createSanitizer, type RedactionRule, type Sanitizer } from '@gatescope/sanitizer';

/** CPU time of the process, milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** A session's sanitizer, or why its rules can't be applied on this node. */
export function sessionSanitizer(
  rules: readonly RedactionRule[],
  keyNames: readonly string[],
): Sanitizer | string {
  try {
    return createSanitizer({ rules: [{ place: 'capture.redact', rules }], keyNames, cpuMs });
  } catch (error) {
    return messageOf(error);
  }
}
