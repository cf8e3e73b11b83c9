import { lazy, Suspense, useEffect } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { useMe } from '../api/queries.ts';
import { isControlPlaneTab, isSettingsPage, isTraceTab, paths } from '../engine/paths.ts';
import { HomePage } from '../pages/home-page.tsx';
import { SessionPage } from '../pages/session-page.tsx';
import { SessionsPage } from '../pages/sessions-page.tsx';
import { SignInPage } from '../pages/sign-in-page.tsx';
import { TracePage } from '../pages/trace-page.tsx';
import { EmptyState, Loading, ProblemNotice } from '../parts/notice.tsx';
import styles from './app.module.css';
import { ConnectionBanner } from './connection-banner.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { TopBar } from './top-bar.tsx';

// What is read before anything is seen is what sessions and traces need. These are read soon after, so that they are there without a network too.
const controlPlanePage = () => import('../pages/control-plane-page.tsx');
const controlPlanesPage = () => import('../pages/control-planes-page.tsx');
const newSessionPage = () => import('../pages/new-session-page.tsx');
const READ_AHEAD_MS = 2_000;

const ControlPlanePage = lazy(async () => ({ default: (await controlPlanePage()).ControlPlanePage }));
const ControlPlanesPage = lazy(async () => ({ default: (await controlPlanesPage()).ControlPlanesPage }));
const NewSessionPage = lazy(async () => ({ default: (await newSessionPage()).NewSessionPage }));
const ComparePage = lazy(async () => ({ default: (await import('../pages/compare-page.tsx')).ComparePage }));
const AnalysisPage = lazy(async () => ({
  default: (await import('../pages/analysis-page.tsx')).AnalysisPage,
}));
const SettingsPage = lazy(async () => ({
  default: (await import('../pages/settings-page.tsx')).SettingsPage,
}));
const OpenPage = lazy(async () => ({ default: (await import('../pages/open-page.tsx')).OpenPage }));

/** The sign-in page and files for everybody; all else for who is signed in. */
export function App() {
  // What came out of a file is the same whether a control plane answers or not.
  const [path] = useLocation();
  return (
    <>
      <Switch>
        <Route path={paths.signIn()}>
          <SignInPage />
        </Route>
        <Route path="/open/:trace?/:tab?">{({ trace, tab }) => <Opened trace={trace} tab={tab} />}</Route>
        <Route>
          <SignedIn />
        </Route>
      </Switch>
      {!path.startsWith(paths.open()) && <ConnectionBanner />}
    </>
  );
}

/** The one page beside sign-in that needs no control plane; who is signed in is asked all the same, for the bar. */
function Opened({
  trace,
  tab = '',
}: {
  readonly trace: string | undefined;
  readonly tab: string | undefined;
}) {
  const me = useMe();
  return (
    <div className={styles['shell']}>
      <TopBar me={me.data ?? null} />
      <ErrorBoundary subject="/open">
        <Suspense fallback={<Loading what="the page" />}>
          <OpenPage traceId={trace ?? null} tab={isTraceTab(tab) ? tab : 'summary'} />
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}

function SignedIn() {
  const me = useMe();
  const [path] = useLocation();
  useEffect(() => {
    const timer = setTimeout(() => {
      // One that could not be read is read, or complained of, where it is gone to.
      for (const read of [controlPlanePage, controlPlanesPage, newSessionPage]) read().catch(() => {});
    }, READ_AHEAD_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (path !== '') window.scrollTo(0, 0);
  }, [path]);
  if (me.isPending) return <Loading what="who you are" />;
  if (me.data === undefined) {
    return (
      <main className={styles['page']}>
        <ProblemNotice error={me.error} />
      </main>
    );
  }
  if (me.data === null) return <Redirect to={paths.signIn(path + window.location.search)} replace />;
  return (
    <div className={styles['shell']}>
      <TopBar me={me.data} />
      <ErrorBoundary subject={path}>
        <Suspense fallback={<Loading what="the page" />}>
          <Pages />
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/">
        <HomePage />
      </Route>
      <Route path="/control-planes">
        <ControlPlanesPage />
      </Route>
      <Route path="/settings">
        <Redirect to={paths.settings('payload-capture')} replace />
      </Route>
      <Route path="/settings/:page">
        {({ page }) => (isSettingsPage(page) ? <SettingsPage page={page} /> : <NoSuchPage />)}
      </Route>
      <Route path="/control-planes/:cp">
        {({ cp }) => <Redirect to={paths.controlPlaneTab(cp, 'overview')} replace />}
      </Route>
      <Route path="/control-planes/:cp/sessions">{({ cp }) => <SessionsPage key={cp} cp={cp} />}</Route>
      <Route path="/control-planes/:cp/sessions/new">{({ cp }) => <NewSessionPage key={cp} cp={cp} />}</Route>
      <Route path="/control-planes/:cp/sessions/:session">
        {({ cp, session }) => <SessionPage key={session} cp={cp} id={session} />}
      </Route>
      <Route path="/control-planes/:cp/sessions/:session/compare">
        {({ cp, session }) => <ComparePage key={session} cp={cp} sessionId={session} />}
      </Route>
      <Route path="/control-planes/:cp/sessions/:session/analysis">
        {({ cp, session }) => <AnalysisPage key={session} cp={cp} sessionId={session} />}
      </Route>
      <Route path="/control-planes/:cp/sessions/:session/traces/:trace">
        {({ cp, session, trace }) => <Redirect to={paths.trace(cp, session, trace)} replace />}
      </Route>
      <Route path="/control-planes/:cp/sessions/:session/traces/:trace/:tab">
        {({ cp, session, trace, tab }) => (
          <TracePage
            key={trace}
            cp={cp}
            sessionId={session}
            traceId={trace}
            tab={isTraceTab(tab) ? tab : 'summary'}
          />
        )}
      </Route>
      <Route path="/control-planes/:cp/:tab">
        {({ cp, tab }) =>
          isControlPlaneTab(tab) ? <ControlPlanePage key={cp} cp={cp} tab={tab} /> : <NoSuchPage />
        }
      </Route>
      <Route>
        <NoSuchPage />
      </Route>
    </Switch>
  );
}

function NoSuchPage() {
  return (
    <main className={styles['page']}>
      <EmptyState title="There is no such page">
        <p>The address may be mistyped, or come from a newer version.</p>
      </EmptyState>
    </main>
  );
}
