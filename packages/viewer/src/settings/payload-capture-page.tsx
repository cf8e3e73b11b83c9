import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { keys, useMe, usePayloadCapture } from '../api/queries.ts';
import { visibleText } from '../engine/visible-text.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { Loading, Notice, ProblemNotice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import styles from './payload-capture-page.module.css';
import { SettingsFrame } from './settings-frame.tsx';

/** Whether headers and bodies may be captured: the text agreed to, by whom and when; agreeing and withdrawing. */
export function PayloadCapturePage() {
  usePageTitle('Payload capture');
  const client = useQueryClient();
  const capture = usePayloadCapture();
  const mayChange = useMe().data?.role === 'org_admin';
  const [hasRead, setHasRead] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const change = useMutation({
    mutationFn: api.changePayloadCapture,
    onSuccess: (changed) => {
      setIsAsking(false);
      setHasRead(false);
      client.setQueryData(keys.payloadCapture, changed);
    },
  });
  const { data } = capture;
  return (
    <SettingsFrame
      current="payload-capture"
      title="Payload capture"
      text="Sessions may keep headers and bodies of the requests they trace only after your organisation has opted in."
    >
      {capture.isPending && <Loading what="the setting" />}
      {capture.isError && data === undefined && <ProblemNotice error={capture.error} />}
      {data !== undefined && (
        <>
          <Panel
            title={data.enabled ? 'Opted in' : 'Not opted in'}
            end={<Badge tone={data.enabled ? 'ok' : 'neutral'}>{data.enabled ? 'on' : 'off'}</Badge>}
          >
            <div className={styles['state']}>
              {data.enabled && data.agreed_at !== null && (
                <p>
                  Agreed to by <strong>{visibleText(data.agreed_by ?? 'somebody')}</strong>{' '}
                  <RelativeTime instant={data.agreed_at} />.
                </p>
              )}
              <blockquote className={styles['text']}>{visibleText(data.agreement_text)}</blockquote>
              {!mayChange && <Notice>Only an organisation admin can change this.</Notice>}
              {mayChange && !data.enabled && (
                <>
                  <label className={styles['agree']}>
                    <input
                      type="checkbox"
                      checked={hasRead}
                      onChange={(event) => setHasRead(event.target.checked)}
                    />
                    I have read this and agree to it for my organisation
                  </label>
                  <div>
                    <Button
                      kind="primary"
                      disabled={!hasRead || change.isPending}
                      onClick={() => change.mutate({ enabled: true, agreement_text: data.agreement_text })}
                    >
                      Opt in
                    </Button>
                  </div>
                </>
              )}
              {mayChange && data.enabled && (
                <div>
                  <Button kind="danger" onClick={() => setIsAsking(true)}>
                    Withdraw
                  </Button>
                </div>
              )}
              {change.isError && !isAsking && <ProblemNotice error={change.error} />}
            </div>
          </Panel>
          <ConfirmDialog
            isOpen={isAsking}
            title="Withdraw the agreement?"
            action="Withdraw"
            isBusy={change.isPending}
            error={change.error}
            onConfirm={() => change.mutate({ enabled: false })}
            onClose={() => setIsAsking(false)}
          >
            <p>
              New sessions can’t capture payloads from then on. What has been captured stays until its session
              expires or is deleted.
            </p>
          </ConfirmDialog>
        </>
      )}
    </SettingsFrame>
  );
}
