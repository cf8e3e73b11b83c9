import { messageOf } from '@gatescope/base';
import { createSanitizer, type RedactionRule, type Sanitizer } from '@gatescope/sanitizer';

/** A session's sanitizer, or why its rules can't be applied on this node. */
export function sessionSanitizer(
  rules: readonly RedactionRule[],
  keyNames: readonly string[],
): Sanitizer | string {
  try {
    return createSanitizer({ rules: [{ place: 'capture.redact', rules }], keyNames });
  } catch (error) {
    return messageOf(error);
  }
}
