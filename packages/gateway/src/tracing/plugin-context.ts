import { AsyncLocalStorage } from 'node:async_hooks';
import type { PluginScope } from './plugin-scope.ts';

/** Where in a plugin's code the program is: in which run, below which span, and with which OpenTelemetry context. */
export interface PluginPlace {
  readonly scope: PluginScope;
  /** Index of the span that what begins now is below. */
  readonly parent: number;
  /** The context `@opentelemetry/api` keeps; null: none was set. */
  readonly context: unknown;
}

const storage = new AsyncLocalStorage<PluginPlace>();
let isEnabled = false;

/**
 * Lets places be known, or forgets all of them. One `run` makes every later await of the process dearer until the storage is disabled, so it
 * is enabled only while some session is armed.
 */
export function enablePlaces(enabled: boolean): void {
  isEnabled = enabled;
  if (!enabled) storage.disable();
}

/** Runs a plugin's code, and all that it starts, in a place. */
export function runInPlace<T>(place: PluginPlace, code: () => T): T {
  return isEnabled ? storage.run(place, code) : code();
}

/** The place that the code now running belongs to; null: none, or a run that is over. */
export function currentPlace(): PluginPlace | null {
  if (!isEnabled) return null;
  const place = storage.getStore();
  return place === undefined || place.scope.record === null ? null : place;
}
