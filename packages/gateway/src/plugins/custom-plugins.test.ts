import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { kongYml } from '../testing/kong-yml.ts';
import { loadPlugins } from './custom-plugins.ts';

/** A folder with these files, gone when the test is over. */
function folder(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatescope-plugins-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

const plugin = (name: string, more = '') =>
  `export default { name: '${name}', schema: { words: { type: 'list', of: { type: 'string' }, default: [] } }, ${more} create: () => ({ access() {} }) };`;

describe('loadPlugins()', () => {
  it('has what comes with the gateway, in order, where nothing else is said', async () => {
    expect((await loadPlugins({ names: ['bundled'], directory: null })).names().slice(0, 3)).toEqual([
      'pre-function',
      'correlation-id',
      'mtls-auth',
    ]);
  });

  it('finds plugins in a file or in a folder of their own, and places them by priority', async () => {
    const directory = folder({
      'early.mjs': plugin('early', 'priority: 2000,'),
      'usual/index.js': plugin('usual'),
    });
    const plugins = await loadPlugins({ names: ['bundled', 'usual', 'early'], directory });
    const names = plugins.names();
    expect(names.indexOf('early')).toBe(names.indexOf('mtls-auth') - 1);
    expect(names.indexOf('usual')).toBe(names.indexOf('rate-limiting') - 1);
  });

  it('has no other than those named', async () => {
    const directory = folder({ 'mine.mjs': plugin('mine') });
    expect((await loadPlugins({ names: ['mine', 'key-auth'], directory })).names()).toEqual([
      'key-auth',
      'mine',
    ]);
    expect((await loadPlugins({ names: ['off'], directory })).names()).toEqual([]);
  });

  it("checks a configuration by the plugin's own fields", async () => {
    const directory = folder({ 'mine.mjs': plugin('mine') });
    const plugins = await loadPlugins({ names: ['bundled', 'mine'], directory });
    const loaded = loadConfig(kongYml({ plugins: [{ name: 'mine', config: { word: ['a'] } }] }), plugins);
    expect(loaded.ok ? [] : loaded.errors).toMatchObject([
      { message: 'unknown field word', suggestion: 'did you mean words?' },
    ]);
  });

  it.each([
    [{}, 'bad name', null, 'a name begins with a letter'],
    [{}, 'mine', null, 'KONG_PLUGINS_DIR names no folder'],
    [{}, 'mine', '', 'neither mine.mjs, mine.js, mine/index.mjs, mine/index.js is in'],
    [{ 'mine.mjs': 'export default {' }, 'mine', '', "can't be loaded"],
    [{ 'mine.mjs': 'export const mine = 1;' }, 'mine', '', 'its default export is no plugin'],
    [{ 'mine.mjs': plugin('other') }, 'mine', '', 'it calls itself "other"'],
    [{ 'mine.mjs': 'export default { name: "mine", schema: {} };' }, 'mine', '', 'create is no function'],
    [
      { 'mine.mjs': 'export default { name: "mine", schema: { a: { type: "text" } }, create() {} };' },
      'mine',
      '',
      'schema.a.type is "text"; it is one of string,',
    ],
    [
      {
        'mine.mjs':
          'export default { name: "mine", schema: { a: { type: "list", of: { type: "x" } } }, create() {} };',
      },
      'mine',
      '',
      'schema.a.of.type is "x"',
    ],
  ])('refuses %j as plugin %s and says what is wrong', async (files, name, where, message) => {
    const directory = where === null ? null : folder(files as Record<string, string>);
    await expect(loadPlugins({ names: ['bundled', name], directory })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining(message),
    });
  });
});
