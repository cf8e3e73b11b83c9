/**
 * `node bench/arming.mjs`: how long it takes from the call that starts a session until its node has it armed, in the all-in-one on this machine.
 * The answer to the call waits for the node, so the time of the call is what a person waits; `armed_at − created_at` is what of it arming took.
 *
 *   --sessions N    sessions started, one after the other (default: 300)
 */
import { parseArgs } from 'node:util';
import { Servers } from './support/servers.mjs';

const { values } = parseArgs({ options: { sessions: { type: 'string', default: '300' } } });
const count = Number(values.sessions);
const WARM_UP = 20;
const TARGET_P99_MS = 50;
const CONFIG = `_format_version: "3.0"
services:
- { name: any, url: "http://127.0.0.1:9", routes: [{ name: any, paths: [/] }] }
`;

const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
const row = (name, times) => {
  const sorted = [...times].sort((a, b) => a - b);
  const cells = [0.5, 0.9, 0.99, 1].map((part) => percentile(sorted, part).toFixed(1).padStart(7));
  process.stdout.write(`${name.padEnd(28)}${cells.join(' ')}\n`);
  return percentile(sorted, 0.99);
};

const servers = new Servers();
try {
  const { api } = await servers.gatescope(CONFIG);
  const calls = [];
  const arming = [];
  for (let index = 0; index < WARM_UP + count; index++) {
    const began = performance.now();
    const session = await api('POST', '/sessions', { name: `bench ${index}` });
    const took = performance.now() - began;
    const [node] = session.node_states ?? [];
    if (node?.state !== 'armed') throw new Error(`not armed: ${JSON.stringify(session)}`);
    if (index >= WARM_UP) {
      calls.push(took);
      arming.push(Date.parse(node.armed_at) - Date.parse(session.created_at));
    }
    await api('POST', `/sessions/${session.id}/stop`);
  }
  process.stdout.write(`${count} sessions, ms              p50     p90     p99     max\n`);
  row('created to armed', arming);
  const p99 = row('the call that starts it', calls);
  process.stdout.write(p99 < TARGET_P99_MS ? 'within 50 ms\n' : `p99 is not below ${TARGET_P99_MS} ms\n`);
  process.exitCode = p99 < TARGET_P99_MS ? 0 : 1;
} finally {
  await servers.close();
}
