import type { TraceSummary } from '@gatescope/protocol';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { requestCommand } from '../engine/request-command.ts';
import { copyText } from '../parts/copy-text.ts';
import { Icon } from '../parts/icons.tsx';
import { Menu, MenuButton, MenuDownload, MenuTitle } from '../parts/menu.tsx';

interface Props {
  readonly cp: string;
  readonly sessionId: string;
  readonly traceId: string;
  readonly summary: TraceSummary;
  readonly scheme: string;
}

/** A trace and its session as files, and the request as a command. */
export function TraceExports({ cp, sessionId, traceId, summary, scheme }: Props) {
  const [said, setSaid] = useState('');
  const copy = async () => {
    // Who may not read the payload gets the command all the same, without what was in it.
    const payload = summary.has_payload ? await api.payload(cp, sessionId, traceId).catch(() => null) : null;
    const isCopied = await copyText(requestCommand(summary, scheme, payload?.client_request ?? null));
    setSaid(isCopied ? 'Copied' : 'The browser refused to copy');
  };
  return (
    <>
      <Menu
        label={
          <>
            <Icon name="download" />
            Export
          </>
        }
      >
        {(close) => (
          <>
            <MenuTitle>This trace</MenuTitle>
            <MenuDownload
              href={api.traceOtlpUrl(cp, sessionId, traceId)}
              download={`${summary.trace_id}.otlp.json`}
              onClick={close}
            >
              OTLP JSON
            </MenuDownload>
            <MenuButton
              onClick={() => {
                close();
                void copy();
              }}
            >
              Copy as curl
            </MenuButton>
            <MenuTitle>The whole session</MenuTitle>
            {SESSION_FORMATS.map(([format, label, ending]) => (
              <MenuDownload
                key={format}
                href={api.sessionExportUrl(cp, sessionId, format)}
                download={`session-${sessionId.slice(0, 8)}.${ending}`}
                onClick={close}
              >
                {label}
              </MenuDownload>
            ))}
          </>
        )}
      </Menu>
      <span role="status" className="sr-only">
        {said}
      </span>
    </>
  );
}

const SESSION_FORMATS = [
  ['otlp', 'OTLP JSON', 'otlp.json'],
  ['har', 'HAR', 'har'],
  ['zip', 'ZIP of everything', 'zip'],
] as const;
