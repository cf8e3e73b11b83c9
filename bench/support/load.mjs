/** Load by wrk: requests answered and those that failed. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const stopScript = join(tmpdir(), `gatescope-bench-${process.pid}.lua`);

/** Loads for so many seconds, with a pause from the moment on when so many answers have come; those under way then are answered still. */
export async function load(url, { seconds, connections = 64, headers = {}, count }) {
  if (count !== undefined)
    writeFileSync(
      stopScript,
      `local answers = 0\nfunction response()\n  answers = answers + 1\n  if answers == ${count} then wrk.thread:stop() end\nend\n`,
    );
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(count === undefined ? [] : ['-s', stopScript]),
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
