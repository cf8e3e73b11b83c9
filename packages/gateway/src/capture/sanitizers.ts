import { messageOf } from '@gatescope/base';
import { createSanitizer, type RedactionRule, type Sanitizer } from '@gatescope/sanitizer';
import type { GatewayConfig } from '../config/entities.ts';

/** The names that the key-auth plugins of a configuration take keys from. */
export function keyNamesOf({ plugins }: Pick<GatewayConfig, 'plugins'>): string[] {
  const names = new Set<string>();
  for (const { name, enabled, config } of plugins) {
    if (name !== 'key-auth' || !enabled) continue;
    for (const key of (config['key_names'] ?? []) as string[]) names.add(key);
  }
  return [...names];
}

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
