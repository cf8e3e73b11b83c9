import type { Kysely } from 'kysely';
import { AuditRepository } from './audit-repository.ts';
import { ControlPlaneRepository } from './control-plane-repository.ts';
import { EventRepository } from './event-repository.ts';
import { KeyRepository } from './key-repository.ts';
import { LogRepository } from './log-repository.ts';
import { NodeCertificateRepository } from './node-certificate-repository.ts';
import { NodeRepository } from './node-repository.ts';
import { PayloadRepository } from './payload-repository.ts';
import { PeopleRepository } from './people-repository.ts';
import type { Schema } from './schema.ts';
import { SessionNodeRepository } from './session-node-repository.ts';
import { SessionRepository } from './session-repository.ts';
import { SettingRepository } from './setting-repository.ts';
import { TraceRepository } from './trace-repository.ts';

/** Everything that is kept, over one database connection or one transaction. */
export class Repositories {
  readonly audit: AuditRepository;
  readonly controlPlanes: ControlPlaneRepository;
  readonly events: EventRepository;
  readonly keys: KeyRepository;
  readonly logs: LogRepository;
  readonly nodes: NodeRepository;
  readonly payloads: PayloadRepository;
  readonly nodeCertificates: NodeCertificateRepository;
  readonly people: PeopleRepository;
  readonly sessions: SessionRepository;
  readonly sessionNodes: SessionNodeRepository;
  readonly settings: SettingRepository;
  readonly traces: TraceRepository;

  constructor(db: Kysely<Schema>) {
    this.audit = new AuditRepository(db);
    this.controlPlanes = new ControlPlaneRepository(db);
    this.events = new EventRepository(db);
    this.keys = new KeyRepository(db);
    this.logs = new LogRepository(db);
    this.nodes = new NodeRepository(db);
    this.payloads = new PayloadRepository(db);
    this.nodeCertificates = new NodeCertificateRepository(db);
    this.people = new PeopleRepository(db);
    this.sessions = new SessionRepository(db);
    this.sessionNodes = new SessionNodeRepository(db);
    this.settings = new SettingRepository(db);
    this.traces = new TraceRepository(db);
  }
}
