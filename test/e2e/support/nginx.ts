import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../support/free-ports.ts';
import { until } from '../../support/until.ts';

/** A started nginx that serves files. */
export interface Nginx {
  readonly url: string;
  /** The folder it serves. */
  readonly root: string;
  close(): Promise<void>;
}

/** Starts an nginx of its own, from a folder of its own, on a free port. */
export async function startNginx(program: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'gatescope-nginx-'));
  const root = join(folder, 'files');
  for (const name of ['files', 'temp']) mkdirSync(join(folder, name));
  const [port] = await freePorts(1);
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;\n' : ''}daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  ${temps.map((name) => `${name}_temp_path ${folder}/temp;`).join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    root ${root};
  }
}
`,
  );
  const child = spawn(
    program,
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    {
      stdio: 'ignore',
    },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  await until('nginx to listen', async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    return (await fetch(url).catch(() => null)) !== null;
  });
  return {
    url,
    root,
    async close() {
      child.kill('SIGQUIT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
