import { Link, useLocation } from 'wouter';
import { useControlPlane, useSession } from '../api/queries.ts';
import { paths, placeOf } from '../engine/paths.ts';
import { sessionName } from '../engine/session-words.ts';
import { shortId } from '../engine/visible-text.ts';
import styles from './breadcrumbs.module.css';

interface Crumb {
  readonly label: string;
  readonly href: string;
}

/** Characters. */
const SHORT = 14;

/** The way from the control planes to the page that is shown. */
export function Breadcrumbs() {
  const [path] = useLocation();
  const { cp, session, isNewSession, trace } = placeOf(path);
  const controlPlane = useControlPlane(cp);
  const found = useSession(cp, session);
  const crumbs: Crumb[] = [];
  if (cp !== null)
    crumbs.push({ label: controlPlane.data?.name ?? cp, href: paths.controlPlaneTab(cp, 'overview') });
  if (cp !== null && path.startsWith(paths.sessions(cp)))
    crumbs.push({ label: 'Active tracing', href: paths.sessions(cp) });
  if (cp !== null && isNewSession) crumbs.push({ label: 'New session', href: paths.newSession(cp) });
  if (cp !== null && session !== null) {
    const name = found.data === undefined ? shortId(session) : sessionName(found.data);
    crumbs.push({ label: name, href: paths.session(cp, session) });
    if (trace !== null) crumbs.push({ label: shortId(trace), href: paths.trace(cp, session, trace) });
  }
  if (crumbs.length === 0) return null;
  return (
    <nav aria-label="Breadcrumbs" className={styles['nav']}>
      <ol className={styles['list']}>
        {crumbs.map(({ label, href }, index) => (
          <li key={href} className={label.length <= SHORT ? styles['short'] : undefined}>
            {index === crumbs.length - 1 ? (
              <span aria-current="page">{label}</span>
            ) : (
              <Link href={href}>{label}</Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
