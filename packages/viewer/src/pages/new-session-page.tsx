import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useEffectEvent, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { api } from '../api/api.ts';
import { ApiProblem } from '../api/api-problem.ts';
import { keys, useMayChange } from '../api/queries.ts';
import { startSessionCommand } from '../engine/curl-command.ts';
import { paths } from '../engine/paths.ts';
import {
  type DraftErrors,
  draftErrors,
  readDraft,
  requestOf,
  type SessionDraft,
  writeDraft,
} from '../engine/session-draft.ts';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Notice, ProblemNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { useReplacedUrl } from '../parts/use-replaced-url.ts';
import { RuleTrial } from '../sessions/rule-trial.tsx';
import { SessionForm } from '../sessions/session-form.tsx';
import styles from './new-session-page.module.css';
import page from './page.module.css';

/** The form that starts a session. Its fields live in the URL, so that a link fills it in. */
export function NewSessionPage({ cp }: { readonly cp: string }) {
  usePageTitle('New session');
  const [, navigate] = useLocation();
  const query = useSearch();
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => readDraft(query));
  const [showsErrors, setShowsErrors] = useState(false);
  const start = useMutation({
    mutationFn: (body: SessionDraft) => api.startSession(cp, requestOf(body)),
    onSuccess: (session) => {
      client.setQueryData(keys.session(cp, session.id), session);
      void client.invalidateQueries({ queryKey: keys.sessions(cp) });
      navigate(paths.session(cp, session.id));
    },
  });
  const mayChange = useMayChange();
  const errors = draftErrors(draft);
  useReplacedUrl(paths.newSession(cp, writeDraft(draft)));
  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    setShowsErrors(true);
    if (mayChange && Object.keys(errors).length === 0 && !start.isPending) start.mutate(draft);
  };
  const submitNow = useEffectEvent(submit);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submitNow(event);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  if (!mayChange) {
    return (
      <main className={page['page']}>
        <Notice>You may look at sessions, not start them. Ask for the role of a control plane admin.</Notice>
      </main>
    );
  }
  return (
    <main className={page['page']}>
      <h1>New session</h1>
      <form className={styles['form']} noValidate onSubmit={submit}>
        <div className={styles['columns']}>
          <div className={styles['fields']}>
            <SessionForm
              cp={cp}
              draft={draft}
              errors={showsErrors ? shown(errors, start.error) : {}}
              onChange={(changed) => setDraft((before) => ({ ...before, ...changed }))}
            />
          </div>
          <div className={styles['side']}>
            <RuleTrial cp={cp} draft={draft} />
          </div>
        </div>
        {start.isError && <ProblemNotice error={start.error} />}
        <div className={styles['buttons']}>
          <Button type="submit" kind="primary" disabled={start.isPending}>
            Start session
          </Button>
          <span className={styles['shortcut']}>
            <kbd>{isApple ? '⌘' : 'Ctrl'}</kbd> <kbd>↵</kbd>
          </span>
          <CopyButton
            label="Copy the command that starts this session"
            text={() => startSessionCommand(window.location.origin, cp, requestOf(draft))}
          >
            Copy as curl
          </CopyButton>
        </div>
      </form>
    </main>
  );
}

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** What is wrong, by field; of the server's errors those that name a field. */
function shown(errors: DraftErrors, failure: Error | null): DraftErrors {
  if (!(failure instanceof ApiProblem)) return errors;
  const told: Record<string, string> = {};
  for (const { path, message } of failure.errors) if (path !== undefined) told[path] = message;
  return { ...told, ...errors };
}
