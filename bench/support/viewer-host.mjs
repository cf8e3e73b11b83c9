/** Serves the built viewer with traces that are made up, and a plain page of the same data to measure it against. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { ROOT } from './servers.mjs';

const DIST = join(ROOT, 'dist/viewer');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const BLOCK = 200;

/** A trace of so many spans: a request whose plugins make I/O, as columns. */
export function bigSkeleton(spanCount) {
  const names = [
    'kong',
    'kong.phase.access',
    'kong.access.plugin.oidc',
    'kong.io.http.request',
    'kong.router',
  ];
  const skeleton = {
    summary: summaryOf(spanCount),
    origin_unix_nano: '1800000000000000000',
    span_count: spanCount,
    names,
    ...{ name: [], span_id: [], parent: [], start_ns: [], duration_ns: [], status: [] },
  };
  for (let row = 0; row < spanCount; row++) {
    const inGroup = (row - 1) % 10;
    const group = 1 + Math.floor((row - 1) / 10) * 10;
    const [name, parent] =
      row === 0 ? [0, -1] : inGroup === 0 ? [1, 0] : inGroup === 1 ? [2, group] : [3, group + 1];
    skeleton.name.push(name);
    skeleton.parent.push(parent < row ? parent : 0);
    skeleton.span_id.push(row.toString(16).padStart(16, '0'));
    skeleton.start_ns.push(row * 10_000);
    skeleton.duration_ns.push(row === 0 ? spanCount * 10_000 : 9_000 * (10 - Math.max(0, inGroup)));
    skeleton.status.push(row % 997 === 3 ? 2 : 0);
  }
  return skeleton;
}

function summaryOf(spanCount) {
  return {
    ...{
      id: '0'.repeat(16),
      trace_id: 'a'.repeat(32),
      session_id: 's',
      node_id: 'n',
      started_at: '2027-01-15T08:00:00Z',
    },
    ...{ method: 'GET', host: 'shop.test', path: '/orders', status_code: 200, upstream_status_code: 200 },
    ...{
      duration_ms: spanCount / 100,
      upstream_ms: 0,
      gateway_ms: spanCount / 200,
      client_ms: 0,
      io_ms: spanCount / 200,
    },
    ...{ service: 'shop', route: 'shop', consumer: null, span_count: spanCount, log_count: 0, error: null },
    ...{ slowest_plugin: null, exited_by: null, has_payload: false },
  };
}

/** The same rows without anything: names and durations in a table, all of them there. */
const REFERENCE = `<!doctype html><meta charset="utf-8"><title>reference</title>
<style>body{margin:0;font:13px sans-serif}#view{height:100vh;overflow:auto}tr{height:24px}</style>
<div id="view"><table><tbody></tbody></table></div>
<script type="module">
const { names, name, duration_ns } = await (await fetch('/api/v1' + location.hash.slice(1))).json();
document.querySelector('tbody').innerHTML = name.map((index, row) =>
  '<tr><td>' + names[index] + '</td><td>' + (duration_ns[row] / 1e6).toFixed(3) + ' ms</td></tr>').join('');
document.title = 'ready';
</script>`;

/** Serves on any free port; `sizes` are the traces there are, by their number of spans as id. Resolves with its address and its end. */
export async function serveViewer(sizes) {
  const skeletons = new Map(sizes.map((count) => [String(count), JSON.stringify(bigSkeleton(count))]));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://host');
    const json = (value) => {
      response.setHeader('content-type', 'application/json');
      response.end(typeof value === 'string' ? value : JSON.stringify(value));
    };
    const [, id, what] = /\/traces\/(\d+)(?:\/(\w+))?$/.exec(pathname) ?? [];
    if (pathname === '/reference') return response.setHeader('content-type', 'text/html').end(REFERENCE);
    if (pathname === '/api/v1/me')
      return json({ name: 'bench', email: null, role: 'org_admin', control_planes: 'all' });
    if (pathname.startsWith('/api/')) {
      if (what === 'skeleton') return json(skeletons.get(id));
      if (what === 'attributes') return json(attributes(Number(searchParams.get('from')), Number(id)));
      if (/\/(traces|sessions|nodes|control-planes)$/.test(pathname)) return json({ data: [], next: null });
      return json({ id: 'default', name: 'default', data: [], next: null });
    }
    const file = extname(pathname) === '' ? '/index.html' : normalize(pathname);
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    const found = existsSync(join(DIST, file));
    response.writeHead(found ? 200 : 404).end(found ? readFileSync(join(DIST, file)) : '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function attributes(from, count) {
  const spans = Array.from({ length: Math.max(0, Math.min(BLOCK, count - from)) }, (_, index) => ({
    span_id: (from + index).toString(16).padStart(16, '0'),
    ...{ kind: 'INTERNAL', status_message: '', events: [] },
    attributes: { 'network.peer.address': '10.0.0.9', 'proxy.kong.plugin.instance_id': 'a' },
  }));
  return { from, spans };
}
