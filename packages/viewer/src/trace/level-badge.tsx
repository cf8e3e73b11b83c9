import type { LogLevel } from '@gatescope/base';
import { Badge, type BadgeTone } from '../parts/badge.tsx';

const TONES: Readonly<Record<LogLevel, BadgeTone>> = {
  ...{ debug: 'neutral', info: 'info', notice: 'info', warn: 'warn' },
  ...{ error: 'danger', crit: 'danger', alert: 'danger', emerg: 'danger' },
};

/** The level of a log line. */
export function LevelBadge({ level }: { readonly level: LogLevel }) {
  return <Badge tone={TONES[level] ?? 'neutral'}>{level}</Badge>;
}
