import { createHash } from 'node:crypto';
import { type ErrorDetail, messageOf } from '@gatescope/base';
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
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
  const wrongAlias = checkAliases(document, lines);
  if (wrongAlias !== null) return { ok: false, errors: [wrongAlias] };
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

/** What is wrong with the aliases of a document, or null: too many, to nothing, or expanding into more than a file should hold. */
function checkAliases(document: Document, lines: LineCounter): ErrorDetail | null {
  let count = 0;
  let wrong: ErrorDetail | null = null;
  visit(document, (_, node) => {
    if (!isAlias(node)) return undefined;
    if (++count > ALIASES_MAX) {
      wrong = { message: `more than ${ALIASES_MAX} aliases` };
      return visit.BREAK;
    }
    if (node.resolve(document) !== undefined) return undefined;
    const { line, col } = lines.linePos(node.range?.[0] ?? 0);
    wrong = { message: `there is no anchor &${node.source}`, line, column: col };
    return visit.BREAK;
  });
  if (wrong !== null || count === 0) return wrong;
  try {
    document.toJS({ maxAliasCount: ALIASES_MAX });
    return null;
  } catch (error) {
    return { message: `the aliases can't be expanded: ${messageOf(error)}` };
  }
}

function positionOf(
  document: Document,
  path: Path,
  lines: LineCounter,
): { line: number; column: number } | object {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (!isNode(node)) continue;
    const { range } = keyOf(document, path.slice(0, length), node) ?? (node as Node);
    if (range === null || range === undefined) continue;
    const { line, col } = lines.linePos(range[0]);
    return { line, column: col };
  }
  return {};
}

/** The key of a value that stands on the lines behind it: what is wrong with it is looked for where it is named. */
function keyOf(document: Document, path: Path, value: Node): Node | null {
  if (!isCollection(value) || value.flow === true || typeof path.at(-1) !== 'string') return null;
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) ? parent.items.find(({ value: one }) => one === value) : undefined;
  return isNode(pair?.key) ? pair.key : null;
}

/** A path as people write it: `services[0].port`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}
