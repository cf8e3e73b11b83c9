/**
 * `node scripts/generate-docs.mjs`: writes what docs/reference says of spans, of the fields of rules and of the REST API from the code itself. With
 * `--check` it writes nothing and fails where a file is not up to date. `--root DIR` works on another folder than this repository's.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const home = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = 'node scripts/generate-docs.mjs';

const { values } = parseArgs({
  options: { check: { type: 'boolean' }, root: { type: 'string', default: home } },
});
const code = await load();
const files = new Map([
  ['docs/reference/spans.md', () => spansPage()],
  ['docs/reference/expressions.md', (text) => withTables(text)],
  ['docs/reference/openapi.json', async () => JSON.stringify(await code.openApi(), null, 2)],
]);

const stale = [];
for (const [name, make] of files) {
  const path = join(values.root, name);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const wanted = formatted(name, await make(text));
  if (text === wanted) continue;
  stale.push(name);
  if (values.check) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, wanted);
}
if (values.check && stale.length > 0)
  fail(`not up to date: ${stale.join(', ')}; run ${COMMAND} and commit what it writes`);
process.stdout.write(
  stale.length === 0 ? 'the generated docs are up to date\n' : `written: ${stale.join(', ')}\n`,
);

/** The parts of the product that the docs are made of, bundled in memory. */
async function load() {
  const { outputFiles } = await build({
    absWorkingDir: home,
    stdin: {
      resolveDir: home,
      contents: `
        export { CATALOGUE } from './packages/trace/src/index.ts';
        export {
          compileRule, DEPTH_MAX, DIAGNOSTICS_MAX, FIELDS, FUNCTIONS, OPERATORS, PATTERN_CHARACTERS_MAX, PATTERN_STEPS_MAX, RULE_CHARACTERS_MAX,
          RULE_PATTERN_STEPS_MAX, TOKENS_MAX,
        } from './packages/expressions/src/index.ts';
        import { buildApiServer } from './packages/control-plane/src/api/api-server.ts';
        import { VERSION } from './packages/cli/src/version.ts';
        /** Routes say what they take and give; what they work with is asked for when they are called, which nobody does here. */
        export async function openApi() {
          const app = await buildApiServer({ version: VERSION }, null);
          await app.ready();
          return app.swagger();
        }`,
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['libsql'],
    logLevel: 'warning',
    // CommonJS packages in the bundle ask for Node's own modules by require.
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(join(home, 'package.json'))});`,
    },
  });
  return await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
}

function spansPage() {
  const spans = code.CATALOGUE;
  const children = (parent) => spans.filter((span) => span.parent === parent);
  const tree = (span, depth) => [
    `${'  '.repeat(depth)}${span.name}`,
    ...children(span.name).flatMap((child) => tree(child, depth + 1)),
  ];
  return `<!-- Made by ${COMMAND} from packages/trace/src/catalogue.ts; change it there. -->

# Spans and attributes

Every span a trace can have, with its attributes. Names are Kong's and OpenTelemetry's. An attribute that a request has nothing to say of is left
out. All times of a trace come from one clock, so no span begins before its parent.

\`gatescope trace show latest\` draws them, \`gatescope trace export\` writes them as OTLP JSON.

\`\`\`
${children(null)
  .flatMap((root) => tree(root, 0))
  .join('\n')}
\`\`\`

\`kong.io.<client>.<function>\` stands wherever I/O began, mostly below a plugin, and may have \`kong.dns\` below it.

## Where the time went

Each instant of the root span belongs to one of four parts, so they add up to the total:

| part | is |
|---|---|
| plugin I/O | network I/O of plugins that the request waited for: \`kong.io.…\`, also where several ran at once |
| client | \`kong.tls_handshake\`, \`kong.read_client_http_headers\`, \`kong.read_client_http_body\`, \`kong.wait_for_client_read\` |
| upstream | from the beginning of \`kong.upstream.selection\` to the end of the last upstream span |
| gateway | the rest |

Where two claim an instant, the upper row has it.

## Beside the tables

- A request with a valid \`traceparent\` keeps its trace id, and the root names the caller's span as its parent. The upstream gets the header
  as the client sent it.
- A plugin that answers by itself has \`proxy.kong.plugin.exit_status\` on its span; from 400 on the span's status is an error. So it has \`http.response.status_code\`.
- Spans of I/O also tell what one may be told from another by: \`http.request.method\`, \`http.response.status_code\`, \`server.address\`, \`server.port\`, \`network.peer.port\`.
- Plugins may add spans of their own, below theirs, called as they like: see [plugins.md](../plugins.md).
- A plugin in body_filter has one span over all pieces, with \`proxy.kong.plugin.run_count\` and \`proxy.kong.plugin.run_time\` (ms at work).
- The handshake belongs to the first request of its connection, unless more than a second lies between the two.
- A trace has 160 spans at most, and 408 attributes besides those of its root.

${spans.map(section).join('\n')}`;
}

function section({ name, parent, kind, when, description, attributes }) {
  const place = parent === null ? 'The root' : `Below ${parent.includes(' ') ? parent : `\`${parent}\``}`;
  const rows = attributes.map(
    ({ name: attribute, type, unit, description: text }) =>
      `| \`${attribute}\` | ${type}${unit === undefined ? '' : `, ${unit}`} | ${cell(text)} |\n`,
  );
  const table = rows.length === 0 ? '' : `\n| attribute | type | |\n|---|---|---|\n${rows.join('')}`;
  return `## \`${name}\`\n\n${description}. ${place}; ${kind}; in the trace: ${when}.\n${table}`;
}

/** The page with its tables made anew; the text between them is written by hand. */
function withTables(text) {
  const tables = {
    fields: fieldsTable(),
    operators: operatorsTable(),
    functions: functionsTable(),
    limits: limitsTable(),
  };
  let page = text;
  for (const [name, table] of Object.entries(tables)) {
    const begin = `<!-- ${name}: begin, made by ${COMMAND} -->`;
    const end = `<!-- ${name}: end -->`;
    const from = page.indexOf(begin);
    const to = page.indexOf(end);
    if (from < 0 || to < from)
      fail(
        `docs/reference/expressions.md needs the lines ${begin} and ${end}; the table of ${name} goes between them`,
      );
    page = `${page.slice(0, from)}${begin}\n\n${table}\n${page.slice(to)}`;
  }
  return page;
}

function operatorsTable() {
  const rows = code.OPERATORS.map(
    ({ operator, types, description, example }) =>
      `| \`${operator}\` | ${types.join(', ')} | ${cell(description)} | \`${cell(example)}\` | ${readingOf(example)} |\n`,
  );
  return `| operator | fields of type | holds where the field | example | read as |\n|---|---|---|---|---|\n${rows.join('')}`;
}

function functionsTable() {
  const rows = code.FUNCTIONS.map(
    ({ name, description, example }) =>
      `| \`${name}()\` | ${cell(description)} | \`${cell(example)}\` | ${readingOf(example)} |\n`,
  );
  return `| function | what it does | example | read as |\n|---|---|---|---|\n${rows.join('')}`;
}

/** What the product says of an example. */
function readingOf(example) {
  const compilation = code.compileRule(example);
  if (!compilation.ok) fail(`the example ${example} is not valid: ${compilation.diagnostics[0].message}`);
  return cell(compilation.rule.reading);
}

function limitsTable() {
  const limits = [
    ['characters of a rule', code.RULE_CHARACTERS_MAX],
    ['words and signs of a rule', code.TOKENS_MAX],
    ['nesting', code.DEPTH_MAX],
    ['characters of a pattern', code.PATTERN_CHARACTERS_MAX],
    ['steps of a pattern, what is repeated counted as often as `{…}` says', code.PATTERN_STEPS_MAX],
    ['steps of all patterns of a rule', code.RULE_PATTERN_STEPS_MAX],
    ['errors and warnings told at once', code.DIAGNOSTICS_MAX],
  ];
  return `| | at most |\n|---|---|\n${limits.map(([what, most]) => `| ${what} | ${most.toLocaleString('en-US')} |\n`).join('')}`;
}

function fieldsTable() {
  const rows = code.FIELDS.map(({ written, type, multiple, stage, description, example, aliases }) => {
    const also = aliases.length === 0 ? '' : `; also ${aliases.map((alias) => `\`${alias}\``).join(', ')}`;
    return `| \`${written}\` | ${type}${multiple ? ', several' : ''} | ${stage} | ${cell(description)}${also} | \`${cell(example)}\` |\n`;
  });
  return `| field | type | known at | what it is | example |\n|---|---|---|---|---|\n${rows.join('')}`;
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}

/** A file's text as the repository's formatter wants it. */
function formatted(name, text) {
  const { status, stdout, stderr } = spawnSync(
    join(home, 'node_modules/.bin/biome'),
    ['format', `--stdin-file-path=${name}`],
    { cwd: home, input: text, encoding: 'utf8', maxBuffer: 64 * 1_048_576 },
  );
  if (status !== 0) fail(`${name} could not be formatted: ${stderr}`);
  return stdout;
}

function fail(message) {
  process.stderr.write(`generate-docs: ${message}\n`);
  process.exit(1);
}
