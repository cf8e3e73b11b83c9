import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileRule, FIELDS } from '@gatescope/expressions';
import { checkConfig } from '@gatescope/gateway';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md'],
  ...(readdirSync(join(root, 'docs'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const read = (page: string) => readFileSync(join(root, page), 'utf8');
/** The fenced blocks of a language. */
const blocks = (page: string, language: string) =>
  [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text]) => text!,
  );

describe('every page', () => {
  it.each(pages)('%s links to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    const missing = links
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? join(root, page) : join(root, dirname(page), path);
        return (
          !existsSync(file) ||
          (anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor))
        );
      });
    expect(missing).toEqual([]);
  });
});

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the examples of the language of rules', () => {
  const rules = [
    ...blocks('docs/reference/expressions.md', 'rule').flatMap((text) => text.trim().split('\n')),
    ...FIELDS.map(({ example }) => example),
  ];
  it.each(rules)('%s is valid and gives no warning', (rule) => {
    const compiled = compileRule(rule);
    expect(compiled.ok ? compiled.rule.warnings : compiled.diagnostics).toEqual([]);
  });
});

describe('the examples of kong.yml', () => {
  const examples = pages.flatMap((page) =>
    blocks(page, 'yaml').map((text): [string, string] => [page, text]),
  );
  it.each(examples)('in %s are valid', (_, text) => {
    const check = checkConfig(text);
    expect(check.ok ? check.warnings : check.errors).toEqual([]);
  });
});
