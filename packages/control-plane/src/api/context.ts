import type { Logger } from '@gatescope/base';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { OidcSignIn } from '../auth/oidc-sign-in.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { Users } from '../auth/users.ts';
import type { NodeCertificates } from '../cluster/node-certificates.ts';
import type { ConfigStore } from '../config/config-store.ts';
import type { ControlPlanes } from '../control-planes.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Keys } from '../keys/keys.ts';
import type { NodeRegistry } from '../nodes/node-registry.ts';
import type { ArmingTimes } from '../sessions/arming-times.ts';
import type { PayloadConsent } from '../sessions/payload-consent.ts';
import type { RedactionRules } from '../sessions/redaction-rules.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Ingest } from '../traces/ingest.ts';
import type { LogReader } from '../traces/log-reader.ts';
import type { PayloadReader } from '../traces/payload-reader.ts';
import type { SafetyNet } from '../traces/safety-net.ts';
import type { TraceReader } from '../traces/trace-reader.ts';

/** What the routes of the API work with. */
export interface ApiContext {
  readonly audit: AuditLog;
  readonly tokens: Tokens;
  readonly users: Users;
  /** Null: there is no identity provider. */
  readonly oidc: OidcSignIn | null;
  /** Whether a request came by https, also through a proxy: then cookies go by https alone. */
  isSecure(request: { readonly protocol: string }): boolean;
  readonly events: EventLog;
  readonly authenticator: Authenticator;
  readonly controlPlanes: ControlPlanes;
  readonly configs: ConfigStore;
  readonly nodes: NodeRegistry;
  readonly certificates: NodeCertificates;
  readonly sessions: Sessions;
  readonly arming: ArmingTimes;
  /** Peers that the cluster listener refused since the start. */
  refusedNodes(): number;
  readonly traces: TraceReader;
  readonly logs: LogReader;
  readonly payloads: PayloadReader;
  readonly consent: PayloadConsent;
  readonly redaction: RedactionRules;
  readonly keys: Keys;
  readonly ingest: Ingest;
  readonly net: SafetyNet;
  readonly hub: EventHub;
  readonly logger: Logger;
  readonly version: string;
  /** Whether everything that should be there is; otherwise what is missing. */
  readiness(): Promise<string | null>;
}
