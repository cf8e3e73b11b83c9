import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../packages/cli/src/commands/registry.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(`${root}deploy/${path}`, 'utf8');

describe('the systemd unit', () => {
  const lines = read('gatescope.service')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('has its three sections, and settings alone below them', () => {
    expect(lines.filter((line) => line.startsWith('['))).toEqual(['[Unit]', '[Service]', '[Install]']);
    expect(lines.filter((line) => !/^(\[\w+\]|[A-Z][A-Za-z]+=.+)$/.test(line))).toEqual([]);
  });

  it('starts a command there is, as nobody, and gives it time to drain', () => {
    const settings = new Map(lines.flatMap((line) => [line.split(/=(.*)/s) as [string, string]]));
    const command = settings.get('ExecStart')!.split(' ');
    expect([command[1], COMMANDS.has(command[2]!)]).toEqual(['/opt/gatescope/bin/gatescope', true]);
    expect([settings.get('DynamicUser'), settings.get('NoNewPrivileges'), settings.get('KillMode')]).toEqual([
      'yes',
      'yes',
      'mixed',
    ]);
    expect(Number(settings.get('TimeoutStopSec'))).toBeGreaterThan(25);
  });
});

describe('the Containerfile', () => {
  const text = read('Containerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ');
  const instructions = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /^([A-Z]+) (.+)$/.exec(line)!.slice(1) as [string, string]);

  it('has instructions that there are, begins with a base and ends with a command that there is', () => {
    const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'ENV', 'VOLUME', 'EXPOSE', 'STOPSIGNAL'];
    known.push('HEALTHCHECK', 'ENTRYPOINT', 'CMD');
    expect(instructions.filter(([name]) => !known.includes(name))).toEqual([]);
    expect(instructions[0]![0]).toBe('FROM');
    const [command] = JSON.parse(instructions.at(-1)![1]) as string[];
    expect(COMMANDS.has(command!)).toBe(true);
  });

  it('copies what there is once it is built, and runs as a user without rights', () => {
    const copied = instructions.flatMap(([name, rest]) => {
      const path = /^--from=build \/src\/(\S+)/.exec(rest)?.[1];
      return name === 'COPY' && path !== undefined ? [path] : [];
    });
    expect(copied.filter((path) => path !== 'dist' && !existsSync(root + path))).toEqual([]);
    expect(instructions.findLast(([name]) => name === 'USER')![1]).toBe('node');
  });
});
