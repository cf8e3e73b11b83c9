import { createHash } from 'node:crypto';
import type { ErrorDetail } from '@gatescope/base';
import { type Document, isAlias, isNode, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { buildConfig } from './build-config.ts';
import type { GatewayConfig } from './entities.ts';
import { isRecord, type Path, type RecordSchema } from './field-schema.ts';

/** Largest configuration text, bytes. */
export const CONFIG_BYTES_MAX = 32 * 1_048_576;
/** Aliases a YAML file may expand. */
const ALIASES_MAX = 1_000;
const ERRORS_MAX = 500;

/** What the loader has to know of plugins, handed in so that it names none. */
export interface PluginSchemas {
  names(): readonly string[];
  schemaOf(name: string): RecordSchema | undefined;
  /** Checks beyond types, on a configuration whose types are right; answers what is wrong, by path below `config`. */
  check(name: string, config: Record<string, unknown>): readonly { path: Path; message: string }[];
}

export type LoadedConfig =
  | {
      readonly ok: true;
      readonly config: GatewayConfig;
      readonly document: Record<string, unknown>;
      readonly warnings: readonly ErrorDetail[];
    }
  | { readonly ok: false; readonly errors: readonly ErrorDetail[] };

/**
 * Reads a declarative configuration (`kong.yml`, YAML or JSON). Never throws: everything that is wrong is told, each with its path,
 * line and column, up to 500 of them.
 */
export function loadConfig(text: string, plugins: PluginSchemas): LoadedConfig {
  if (Buffer.byteLength(text) > CONFIG_BYTES_MAX) {
    return { ok: false, errors: [{ message: `the configuration is larger than ${CONFIG_BYTES_MAX} bytes` }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) {
    const errors = document.errors.slice(0, ERRORS_MAX).map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { message: error.message, line, column: col };
    });
    return { ok: false, errors };
  }
  if (countAliases(document) > ALIASES_MAX) {
    return { ok: false, errors: [{ message: `more than ${ALIASES_MAX} aliases` }] };
  }
  const errors: ErrorDetail[] = [];
  const warnings: ErrorDetail[] = [];
  const detail = (path: Path, message: string, suggestion?: string): ErrorDetail => ({
    message,
    path: pathText(path),
    ...positionOf(document, path, lines),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  const content: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
  if (!isRecord(content)) {
    return {
      ok: false,
      errors: [{ message: 'expected a configuration with _format_version at its top', line: 1, column: 1 }],
    };
  }
  const config = buildConfig(content, plugins, createHash('sha256').update(text).digest('hex'), {
    error: (path, message, suggestion) => {
      if (errors.length < ERRORS_MAX) errors.push(detail(path, message, suggestion));
    },
    warn: (path, message, suggestion) => {
      warnings.push(detail(path, message, suggestion));
    },
  });
  return errors.length > 0 ? { ok: false, errors } : { ok: true, config, document: content, warnings };
}

function countAliases(document: Document): number {
  let count = 0;
  visit(document, (_, node) => {
    if (isAlias(node)) count++;
  });
  return count;
}

function positionOf(
  document: Document,
  path: Path,
  lines: LineCounter,
): { line: number; column: number } | object {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (!isNode(node)) continue;
    const { range } = node as Node;
    if (range === null || range === undefined) continue;
    const { line, col } = lines.linePos(range[0]);
    return { line, column: col };
  }
  return {};
}

/** A path as people write it: `services[0].port`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}
