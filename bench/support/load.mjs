/** Load by wrk and h2load: requests answered and those that failed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Loads for so many seconds. */
export async function load(url, { seconds, connections = 64, headers = {} }) {
  const args = [
    ...['-t1', `-d${seconds}s`, '--timeout', '10s'],
    ...connectionsAndHeaders(connections, headers),
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
  return await h2load(
    ['-m1', `-D${seconds}`, '-w20', '-W24', ...connectionsAndHeaders(connections, headers)],
    url,
  );
}

/** Loads by h2load with so many requests a second (0: as many as are answered); with `paths` above 1 they go to /0, /1, … in turn. */
export async function loadAtRate(url, { seconds, rate, connections = 64, headers = {}, paths = 1 }) {
  const urls =
    paths === 1 ? [url] : Array.from({ length: paths }, (_, path) => new URL(`/${path}`, url).href);
  return await h2load(
    [
      ...['--h1', `-D${seconds}`, ...(rate === 0 ? [] : [`--rps=${rate / connections}`])],
      ...connectionsAndHeaders(connections, headers),
    ],
    ...urls,
  );
}

/** As wrk and h2load take them alike. */
function connectionsAndHeaders(connections, headers) {
  return [
    `-c${connections}`,
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
  ];
}

async function h2load(options, ...urls) {
  const { stdout } = await run('h2load', ['-t1', ...options, ...urls]);
  const found = /requests: \d+ total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed/.exec(stdout);
  if (!(Number(found?.[1]) > 0)) throw new Error(`h2load said: ${stdout}`);
  return { requests: Number(found[1]), failed: Number(found[2]) };
}
