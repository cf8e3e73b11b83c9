import type { Session, TraceSummary } from '@gatescope/protocol';
import type { ApiClient } from '../client/api-client.ts';
import { dim, terminalWidth } from '../terminal/style.ts';
import { sessionText, traceLine } from './shared.ts';

/**
 * Prints a session's traces as they arrive, until it ends; with `json` every event as one line of JSON. Ctrl-C ends the following, not
 * the session. Resolves with the exit code.
 */
export async function follow(api: ApiClient, path: string, session: Session, json: boolean): Promise<number> {
  const tell = (text: string) => process.stderr.write(json ? '' : dim(text));
  process.once('SIGINT', () => {
    tell(`\nThe session goes on. gatescope session stop ${session.id} ends it.\n`);
    process.exit(130);
  });
  let state: string = session.state;
  for await (const { event, data } of api.events(`${path}/sessions/${session.id}/events`)) {
    if (json) process.stdout.write(`{"event":${JSON.stringify(event)},"data":${data}}\n`);
    else if (event === 'trace')
      process.stdout.write(`${traceLine(JSON.parse(data) as TraceSummary, terminalWidth())}\n`);
    else if (event === 'session' && (JSON.parse(data) as Session).state !== state) {
      state = (JSON.parse(data) as Session).state;
      if (state === 'active') tell('The nodes are tracing.\n');
    } else if (event === 'end') process.stdout.write(`\n${sessionText(JSON.parse(data) as Session)}`);
  }
  return 0;
}
