import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { api, type Credentials } from '../api/api.ts';
import { keys } from '../api/queries.ts';
import { afterSignIn, providerUrl } from '../engine/paths.ts';
import { visibleText } from '../engine/visible-text.ts';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icons.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { ThemeSwitch } from '../shell/theme-switch.tsx';
import styles from './sign-in-page.module.css';

/** Signs in with the token of a link (`/sign-in#<token>`), at once, or with an account. */
export function SignInPage() {
  usePageTitle('Sign in');
  const [, navigate] = useLocation();
  const query = useSearch();
  const client = useQueryClient();
  const signIn = useMutation({
    mutationFn: (credentials: Credentials) => api.signIn(credentials),
    onSuccess: (me) => {
      client.clear();
      client.setQueryData(keys.me, me);
      navigate(afterSignIn(query), { replace: true });
    },
  });
  const { mutate } = signIn;
  const methods = useQuery({
    queryKey: ['sign-in-methods'],
    queryFn: ({ signal }) => api.signInMethods(signal),
    staleTime: 60_000,
  });
  const oidc = methods.data?.oidc ?? null;
  const refusal = new URLSearchParams(query).get('error');
  const [hasToken, setHasToken] = useState(false);
  useEffect(() => {
    const token = takeToken();
    if (token === '') return;
    setHasToken(true);
    mutate({ sign_in_token: token });
  }, [mutate]);

  return (
    <main className={styles['page']}>
      <div className={styles['theme']}>
        <ThemeSwitch />
      </div>
      <div className={styles['card']}>
        <h1 className={styles['title']}>
          <Icon name="logo" size={26} />
          Sign in to Gatescope
        </h1>
        {signIn.isError && <ProblemNotice error={signIn.error} title="You could not be signed in" />}
        {signIn.isPending && hasToken ? (
          <p role="status">Signing you in …</p>
        ) : (
          <>
            {refusal !== null && !signIn.isError && (
              <ProblemNotice error={new Error(refusal)} title="You could not be signed in" />
            )}
            {oidc !== null && (
              <>
                <a className={styles['provider']} href={providerUrl(oidc.url, query)}>
                  Sign in with {visibleText(oidc.name)}
                </a>
                <p className={styles['or']}>or with an account of this installation</p>
              </>
            )}
            <AccountForm
              isBusy={signIn.isPending}
              onSubmit={(account) => {
                setHasToken(false);
                mutate(account);
              }}
            />
          </>
        )}
      </div>
    </main>
  );
}

function AccountForm({
  isBusy,
  onSubmit,
}: {
  readonly isBusy: boolean;
  readonly onSubmit: (account: Credentials) => void;
}) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({ email, password });
  };
  return (
    <form className={styles['form']} onSubmit={submit}>
      <Field label="Email">
        {(props) => (
          <input
            {...props}
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field label="Password">
        {(props) => (
          <input
            {...props}
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" kind="primary" disabled={isBusy}>
        Sign in
      </Button>
    </form>
  );
}

/** The token after `#`, which is taken out of the address first: it must not stay in the history. */
function takeToken(): string {
  const token = window.location.hash.slice(1);
  if (token !== '') window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return token;
}
