import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readResolvConf } from './resolv-conf.ts';

function read(text: string) {
  const path = join(mkdtempSync(join(tmpdir(), 'gatescope-resolv-')), 'resolv.conf');
  writeFileSync(path, text);
  return readResolvConf(path);
}

const DEFAULTS = { search: [], ndots: 1, timeoutMs: 2_000, rounds: 2 };

describe('readResolvConf()', () => {
  it('takes search list and options, the last that was said', () => {
    expect(
      read(
        '# cluster\nnameserver 10.0.0.2\nsearch old.test\nsearch shop.svc. svc ; all\noptions ndots:5 timeout:1\noptions attempts:3 rotate\n',
      ),
    ).toEqual({ search: ['shop.svc', 'svc'], ndots: 5, timeoutMs: 1_000, rounds: 3 });
  });

  it('takes no more than it may, and nothing that is no number', () => {
    expect(read('search a b c d e f g h\noptions ndots:99 timeout:0 attempts:99')).toEqual({
      search: ['a', 'b', 'c', 'd', 'e', 'f'],
      ndots: 15,
      timeoutMs: 1_000,
      rounds: 5,
    });
    expect(read('options ndots:x timeout attempts:')).toEqual({ ...DEFAULTS, rounds: 1 });
  });

  it('is content without the file', () => {
    expect(readResolvConf('/nowhere/resolv.conf')).toEqual(DEFAULTS);
  });
});
