/** What Gatescope is compared with over every protocol: nginx and haproxy, each one process that proxies to the same upstream over connections kept alive. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** A certificate for localhost, made for this run: the paths of certificate, key and both in one file. */
export function certificate(directory) {
  const cert = join(directory, 'cert.pem');
  const key = join(directory, 'key.pem');
  const both = join(directory, 'both.pem');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  );
  writeFileSync(both, readFileSync(cert) + readFileSync(key));
  return { cert, key, both };
}

/** An upstream that answers each path of `bodies` with so many bytes; one worker. */
export function startUpstream(directory, port, bodies) {
  const home = nginxHome(directory, 'matrix-upstream');
  const locations = Object.entries(bodies).map(([path, bytes]) => {
    writeFileSync(join(home, path), 'x'.repeat(bytes));
    return `location = /${path} { root ${home}; }`;
  });
  return startNginx(
    home,
    `server { listen 127.0.0.1:${port} backlog=4096; sendfile on; open_file_cache max=10; ${locations.join(' ')} }`,
  );
}

/** nginx with `proxy_pass`, over plaintext and over TLS with HTTP/2; one worker. */
export function startNginxProxy(directory, { plain, tls, upstream }, { cert, key }) {
  return startNginx(
    nginxHome(directory, 'matrix-nginx'),
    `upstream up { server 127.0.0.1:${upstream}; keepalive 1024; keepalive_requests 1000000000; }
     server { listen 127.0.0.1:${plain} backlog=4096; listen 127.0.0.1:${tls} ssl http2 backlog=4096;
       ssl_certificate ${cert}; ssl_certificate_key ${key};
       location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";
         proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; } }`,
  );
}

/** haproxy, the same; one thread. */
export function startHaproxy(directory, { plain, tls, upstream }, { both }) {
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 8000
defaults
  mode http
  option http-keep-alive
  http-reuse always
  timeout client 60s
  timeout server 60s
  timeout connect 5s
frontend all
  bind 127.0.0.1:${plain}
  bind 127.0.0.1:${tls} ssl crt ${both} alpn h2,http/1.1
  option forwardfor
  default_backend up
backend up
  server one 127.0.0.1:${upstream} pool-max-conn 1024
`,
  );
  return spawn('haproxy', ['-f', file, '-db'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function nginxHome(directory, name) {
  const home = join(directory, name);
  mkdirSync(join(home, 'tmp'), { recursive: true });
  return home;
}

function startNginx(home, servers) {
  const temporary = TEMPORARY.map((kind) => `${kind}_temp_path ${home}/tmp/${kind};`).join(' ');
  writeFileSync(
    join(home, 'nginx.conf'),
    `worker_processes 1; daemon off; pid ${home}/nginx.pid; error_log ${home}/error.log; ${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 8192; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; ${temporary}
  proxy_buffers 16 64k; proxy_buffer_size 64k; proxy_busy_buffers_size 128k;
  ${servers} }\n`,
  );
  return spawn('nginx', ['-p', home, '-c', join(home, 'nginx.conf')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
