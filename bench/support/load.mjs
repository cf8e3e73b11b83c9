/** Load by wrk: requests answered and those that failed. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const script = join(tmpdir(), `gatescope-bench-${process.pid}.lua`);

/** Loads for so many seconds; with `paths` above 1 the requests go to /0, /1, … in turn. */
export async function load(url, { seconds, connections = 64, headers = {}, paths = 1 }) {
  if (paths > 1)
    writeFileSync(
      script,
      `local turn = 0\nfunction request()\n  turn = (turn + 1) % ${paths}\n  return wrk.format(nil, "/" .. turn)\nend\n`,
    );
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(paths === 1 ? [] : ['-s', script]),
    url,
  ];
  const { stdout } = await run('wrk', args);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const failed =
    Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0) +
    (/Socket errors: (.*)/.exec(stdout)?.[1].match(/\d+/g) ?? []).reduce(
      (sum, count) => sum + Number(count),
      0,
    );
  if (!(requests > 0)) throw new Error(`wrk said: ${stdout}`);
  return { requests, failed };
}

/** Loads over HTTP/2 by h2load, one request at a time on each connection. */
export async function loadHttp2(url, { seconds, connections, headers = {} }) {
  const { stdout } = await run('h2load', [
    ...['-t1', `-c${connections}`, '-m1', `-D${seconds}`, '-w20', '-W24'],
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    url,
  ]);
  const found = /requests: \d+ total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed/.exec(stdout);
  if (!(Number(found?.[1]) > 0)) throw new Error(`h2load said: ${stdout}`);
  return { requests: Number(found[1]), failed: Number(found[2]) };
}
