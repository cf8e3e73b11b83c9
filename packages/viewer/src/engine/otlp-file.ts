import { readOtlpJson } from '@gatescope/trace';
import { OpenError } from './open-error.ts';
import { type OpenedTrace, openedTrace } from './opened-trace.ts';

/** What a file holds as JSON; undefined where it is none. */
export function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Whether JSON means to be OTLP. */
export function isOtlp(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'resourceSpans' in json;
}

/** The traces of OTLP JSON in a file of this name. Throws `OpenError` that says what of it is wrong. */
export function otlpTraces(name: string, json: unknown): OpenedTrace[] {
  try {
    return readOtlpJson(json).map(openedTrace);
  } catch (error) {
    throw new OpenError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
