import type { SessionRequest } from '@gatescope/protocol';

/** A word that a POSIX shell takes as it is. */
export function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that starts a session as the form would. The token comes from the environment, never from the page. */
export function startSessionCommand(origin: string, controlPlane: string, request: SessionRequest): string {
  const url = `${origin}/api/v1/control-planes/${encodeURIComponent(controlPlane)}/sessions`;
  return [
    `curl -X POST ${shellQuoted(url)}`,
    '  -H "Authorization: Bearer $GATESCOPE_TOKEN"',
    "  -H 'Content-Type: application/json'",
    `  -d ${shellQuoted(JSON.stringify(request))}`,
  ].join(' \\\n');
}

/** A command that sends one request through the gateway, to have something to trace. The gateway is guessed beside the control plane. */
export function sendRequestCommand(hostname: string): string {
  return `curl -i http://${hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname}:8000/`;
}
