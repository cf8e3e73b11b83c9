import type { Role } from '@gatescope/protocol';

/** Who may call a route, and what calling it is called in the audit log. */
export interface RouteRight {
  /** The least role; `nobody`: no one has to sign in. */
  readonly role: Role | 'nobody';
  /** Rights have to cover every control plane, not only some: the act concerns the whole organisation. */
  readonly everywhere?: true;
  /** The right to read payloads is needed besides. */
  readonly payload?: true;
  /** Calls that are refused or fail are noted in the audit log under this name; what was done is noted by who does it. */
  readonly act?: string;
}

const NOBODY: RouteRight = { role: 'nobody' };
const VIEWER: RouteRight = { role: 'viewer' };
const admin = (act: string): RouteRight => ({ role: 'control_plane_admin', act });
const organisation = (act: string): RouteRight => ({ role: 'org_admin', act });

/**
 * Every route of the API and who may call it: the one place that says so. A route that is not in here keeps the server from starting. Where
 * the path names a control plane, the rights have to cover that one.
 */
export const ROUTE_RIGHTS: Readonly<Record<string, RouteRight>> = {
  'GET /health': NOBODY,
  'GET /ready': NOBODY,
  'GET /metrics': VIEWER,
  'GET /openapi.json': VIEWER,

  'POST /login': { role: 'nobody', act: 'login' },
  'GET /login/methods': NOBODY,
  'GET /login/oidc': NOBODY,
  'GET /login/oidc/callback': NOBODY,
  'POST /logout': NOBODY,
  'GET /me': VIEWER,
  'PUT /me/password': { role: 'viewer', act: 'user.password' },
  'GET /users': { role: 'org_admin' },
  'POST /users': organisation('user.create'),
  'PATCH /users/{id}': organisation('user.update'),
  'DELETE /users/{id}': organisation('user.delete'),
  'GET /tokens': { role: 'control_plane_admin' },
  'POST /tokens': { role: 'viewer', act: 'token.create' },
  'DELETE /tokens/{id}': admin('token.delete'),
  'GET /audit-log': { role: 'org_admin', act: 'audit_log.read' },

  'GET /control-planes': VIEWER,
  'POST /control-planes': { role: 'org_admin', everywhere: true, act: 'control_plane.create' },
  'GET /control-planes/{cp}': VIEWER,
  'PATCH /control-planes/{cp}': organisation('control_plane.update'),
  'DELETE /control-planes/{cp}': organisation('control_plane.delete'),
  'GET /control-planes/{cp}/nodes': VIEWER,
  'DELETE /control-planes/{cp}/nodes/{id}': admin('node.delete'),
  'GET /control-planes/{cp}/node-certificates': { role: 'control_plane_admin' },
  'POST /control-planes/{cp}/node-certificates': admin('node_certificate.pin'),
  'DELETE /control-planes/{cp}/node-certificates/{id}': admin('node_certificate.unpin'),
  'GET /control-planes/{cp}/entities': VIEWER,
  'GET /control-planes/{cp}/config': { role: 'control_plane_admin' },
  'PUT /control-planes/{cp}/config': admin('config.put'),
  'POST /control-planes/{cp}/config/check': { role: 'control_plane_admin' },

  'GET /control-planes/{cp}/sessions': VIEWER,
  'POST /control-planes/{cp}/sessions': admin('session.start'),
  'GET /control-planes/{cp}/sessions/statistics': VIEWER,
  'GET /control-planes/{cp}/sessions/{id}': VIEWER,
  'PATCH /control-planes/{cp}/sessions/{id}': admin('session.update'),
  'DELETE /control-planes/{cp}/sessions/{id}': admin('session.delete'),
  'POST /control-planes/{cp}/sessions/{id}/stop': admin('session.stop'),
  'GET /control-planes/{cp}/sessions/{id}/events': VIEWER,
  'GET /control-planes/{cp}/sessions/{id}/traces': VIEWER,
  'GET /control-planes/{cp}/sessions/{id}/traces/{trace}': VIEWER,
  'GET /control-planes/{cp}/sessions/{id}/traces/{trace}/skeleton': VIEWER,
  'GET /control-planes/{cp}/sessions/{id}/traces/{trace}/attributes': VIEWER,
  'GET /control-planes/{cp}/sessions/{id}/traces/{trace}/logs': VIEWER,
  'GET /control-planes/{cp}/sessions/{id}/logs': VIEWER,
  'GET /control-planes/{cp}/sessions/{id}/traces/{trace}/payload': {
    role: 'viewer',
    payload: true,
    act: 'payload.read',
  },
  'GET /control-planes/{cp}/sessions/{id}/export': { role: 'viewer', act: 'session.export' },
  'GET /keys': { role: 'org_admin', everywhere: true },
  'POST /keys': { role: 'org_admin', everywhere: true, act: 'key.add' },
  'GET /keys/{id}': { role: 'org_admin', everywhere: true },
  'POST /keys/{id}/activate': { role: 'org_admin', everywhere: true, act: 'key.activate' },
  'POST /keys/{id}/rotate': { role: 'org_admin', everywhere: true, act: 'key.rotate' },
  'POST /keys/{id}/disable': { role: 'org_admin', everywhere: true, act: 'key.disable' },
  'GET /settings/redaction': { role: 'control_plane_admin' },
  'PUT /settings/redaction': { role: 'org_admin', everywhere: true, act: 'redaction.change' },
  'POST /sanitizer/preview': VIEWER,
  'GET /settings/payload-capture': VIEWER,
  'PUT /settings/payload-capture': { role: 'org_admin', everywhere: true, act: 'payload_capture.set' },
  'POST /rules/check': VIEWER,
};

/** Of what is nowhere nobody learns without signing in. */
export const NOWHERE: RouteRight = VIEWER;

/** The right of a route as the framework knows it; undefined where the table has none. `prefix` is where the API lies. */
export function rightOf(method: string, url: string, prefix: string): RouteRight | undefined {
  const path = url.startsWith(prefix) ? url.slice(prefix.length) : url;
  return ROUTE_RIGHTS[`${method === 'HEAD' ? 'GET' : method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`];
}
