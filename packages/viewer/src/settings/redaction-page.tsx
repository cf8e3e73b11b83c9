import type { RedactionRule } from '@gatescope/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { keys, useMaySee, useMe } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Loading, ProblemNotice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { RedactionRules } from '../parts/redaction-rules.tsx';
import { SanitizerPreview } from '../parts/sanitizer-preview.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import styles from './redaction-page.module.css';
import { SettingsFrame } from './settings-frame.tsx';

/** The organisation's redaction rules, tried on a payload while they are changed. */
export function RedactionPage() {
  usePageTitle('Redaction');
  const client = useQueryClient();
  const setting = useQuery({
    queryKey: keys.redaction,
    queryFn: ({ signal }) => api.redactionRules(signal),
    enabled: useMaySee('redaction'),
  });
  const mayChange = useMe().data?.role === 'org_admin';
  const [changed, setChanged] = useState<readonly RedactionRule[] | null>(null);
  const save = useMutation({
    mutationFn: api.changeRedactionRules,
    onSuccess: (saved) => {
      client.setQueryData(keys.redaction, saved);
      setChanged(null);
    },
  });
  const rules = changed ?? setting.data?.rules ?? [];
  return (
    <SettingsFrame
      current="redaction"
      title="Redaction"
      text="Credentials, cookies, API keys and card numbers are masked on the node before anything leaves it, always. These rules add to that, in every session."
    >
      {setting.isPending && <Loading what="the rules" />}
      {setting.isError && setting.data === undefined && <ProblemNotice error={setting.error} />}
      {setting.data !== undefined && (
        <Panel title="Rules of the organisation">
          <div className={styles['rules']}>
            {rules.length === 0 && <p className={styles['none']}>No rule yet.</p>}
            <RedactionRules rules={rules} isReadOnly={!mayChange} onChange={setChanged} />
            {save.isError && <ProblemNotice error={save.error} />}
            {mayChange && changed !== null && (
              <div className={styles['buttons']}>
                <Button kind="primary" disabled={save.isPending} onClick={() => save.mutate(rules)}>
                  Save
                </Button>
                <Button onClick={() => setChanged(null)}>Discard</Button>
                <span className={styles['none']}>Running sessions keep the rules they began with.</span>
              </div>
            )}
          </div>
        </Panel>
      )}
      <Panel title="Try it">
        <SanitizerPreview rules={rules} />
      </Panel>
    </SettingsFrame>
  );
}
