import { AppError } from '@gatescope/base';

/** Reads `host:port` (an IPv6 host in brackets). Throws `invalid_config` naming the setting. */
export function parseAddress(setting: string, text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new AppError(
      'invalid_config',
      `${setting}: ${text} is no address; write host:port, such as 127.0.0.1:8001`,
    );
  return { host: match[1] ?? match[2]!, port };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** An address as `host:port`, as a URL has it: an IPv6 host in brackets. */
export function addressText({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** An address as it stands in a URL that this machine can open. */
export function urlHost({ host, port }: Address): string {
  return addressText({ host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port });
}
