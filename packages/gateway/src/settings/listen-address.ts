/** An address to listen on, as `proxy_listen` writes it. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** Of a Unix socket, which has neither host nor port; null: it is none. */
  readonly path: string | null;
  readonly ssl: boolean;
  /** Offers HTTP/2 beside HTTP/1.1; over TLS alone. */
  readonly http2: boolean;
  readonly backlog: number;
}

/** Flags that are taken and have no effect: sockets are shared by the workers anyway. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'deferred',
  'bind',
  'reuseport',
  'ipv6only=on',
  'ipv6only=off',
  'so_keepalive=on',
  'so_keepalive=off',
]);
const BACKLOG_DEFAULT = 511;
/** What the kernel takes as the path of a socket (unix(7)), bytes. */
const PATH_BYTES_MAX = 107;

/** Reads Kong's notation (`0.0.0.0:8000, [::]:8443 ssl backlog=1024, unix:/run/gateway.sock`; `off` is no listener). Throws with what is wrong. */
export function parseListen(text: string): ListenAddress[] {
  if (text.trim().toLowerCase() === 'off') return [];
  return text.split(',').map((entry) => {
    const [address = '', ...flags] = entry.trim().split(/\s+/);
    const path = address.startsWith('unix:') ? address.slice(5) : null;
    if (path !== null && (path === '' || Buffer.byteLength(path) > PATH_BYTES_MAX))
      throw new Error(
        `${address} has no path of 1 to ${PATH_BYTES_MAX} bytes, such as unix:/run/gateway.sock`,
      );
    const match = path === null ? /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address) : null;
    const port = Number(match?.[3] ?? 0);
    if (path === null && (match === null || port > 65_535))
      throw new Error(`${entry.trim()} is no address; write host:port, such as 0.0.0.0:8000`);
    let ssl = false;
    let http2 = false;
    let backlog = BACKLOG_DEFAULT;
    for (const flag of flags) {
      if (flag === 'ssl') ssl = true;
      else if (flag === 'http2') http2 = true;
      else if (flag.startsWith('backlog=')) backlog = Number(flag.slice(8)) || BACKLOG_DEFAULT;
      else if (flag === 'proxy_protocol') throw new Error('proxy_protocol is not supported');
      else if (!WITHOUT_EFFECT.has(flag)) throw new Error(`unknown flag ${flag} in ${entry.trim()}`);
    }
    return { host: match?.[1] ?? match?.[2] ?? '', port, path, ssl, http2: http2 && ssl, backlog };
  });
}
