import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { AppError, type Logger, messageOf, randomHex } from '@gatescope/base';
import { TextKey } from '@gatescope/envelope';
import type { FastifyInstance } from 'fastify';
import { buildApiServer } from './api/api-server.ts';
import { AuditLog } from './audit/audit-log.ts';
import { Authenticator } from './auth/authenticator.ts';
import type { OidcSettings } from './auth/oidc-settings.ts';
import { OidcSignIn } from './auth/oidc-sign-in.ts';
import { Tokens } from './auth/tokens.ts';
import { Users } from './auth/users.ts';
import { ClusterListener } from './cluster/cluster-listener.ts';
import { certificatesOf, NodeCertificates } from './cluster/node-certificates.ts';
import type { CheckConfig } from './config/config-checker.ts';
import { ConfigStore } from './config/config-store.ts';
import { ControlPlanes } from './control-planes.ts';
import { EventHub } from './events/event-hub.ts';
import { EventLog } from './events/event-log.ts';
import { Keyring } from './keys/keyring.ts';
import { Keys } from './keys/keys.ts';
import { NodeRegistry } from './nodes/node-registry.ts';
import { Retention } from './retention/retention.ts';
import { PayloadConsent } from './sessions/payload-consent.ts';
import { RedactionRules } from './sessions/redaction-rules.ts';
import { SessionLife } from './sessions/session-life.ts';
import { SessionTeller } from './sessions/session-teller.ts';
import { Sessions } from './sessions/sessions.ts';
import { SessionsOnNodes } from './sessions/sessions-on-nodes.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import { Ingest } from './traces/ingest.ts';
import { LogIngest } from './traces/log-ingest.ts';
import { LogReader } from './traces/log-reader.ts';
import { PayloadReader } from './traces/payload-reader.ts';
import { SafetyNet } from './traces/safety-net.ts';
import { TraceReader } from './traces/trace-reader.ts';

export interface ControlPlaneOptions {
  /** Holds the database and the local key; exists, and is its owner's alone. */
  readonly dataDir: string;
  readonly api: { readonly host: string; readonly port: number };
  readonly cluster: {
    readonly host: string;
    readonly port: number;
    readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
  };
  readonly adminToken: string;
  readonly version: string;
  readonly logger: Logger;
  /** The gateway's own check of a kong.yml. */
  readonly checkConfig: CheckConfig;
  /** Folder of the built viewer, or null. */
  readonly viewerDir: string | null;
  /** Configuration of the control plane `default`: put in force where it has none, or always. */
  readonly config: { readonly text: string; readonly replaces: boolean } | null;
  /** Ready only once a node is connected and has the configuration in force: so in the all-in-one. */
  readonly waitsForNode: boolean;
  /** Null or left out: people sign in with a password, or by a link. */
  readonly oidc?: OidcSettings | null;
  /** Where people reach the viewer, where that is not the API's own address. */
  readonly publicUrl?: string | null;
  /** Addresses and networks of proxies whose `X-Forwarded-…` fields count. */
  readonly trustedProxies?: readonly string[];
  /** How long captured headers and bodies are kept; null or left out: as long as their session. */
  readonly payloadRetentionMs?: number | null;
}

/** A running control plane. */
export class ControlPlaneServer {
  readonly authenticator: Authenticator;
  readonly apiAddress: AddressInfo;
  readonly clusterAddress: AddressInfo;
  readonly #store: Store;
  readonly #api: FastifyInstance;
  readonly #cluster: ClusterListener;
  readonly #nodes: NodeRegistry;
  readonly #life: SessionLife;
  readonly #teller: SessionTeller;
  readonly #retention: Retention;
  readonly #configText: () => Promise<string | null>;

  private constructor(parts: {
    configText: () => Promise<string | null>;
    authenticator: Authenticator;
    apiAddress: AddressInfo;
    clusterAddress: AddressInfo;
    store: Store;
    api: FastifyInstance;
    cluster: ClusterListener;
    nodes: NodeRegistry;
    life: SessionLife;
    teller: SessionTeller;
    retention: Retention;
  }) {
    this.authenticator = parts.authenticator;
    this.apiAddress = parts.apiAddress;
    this.clusterAddress = parts.clusterAddress;
    this.#store = parts.store;
    this.#api = parts.api;
    this.#cluster = parts.cluster;
    this.#nodes = parts.nodes;
    this.#life = parts.life;
    this.#teller = parts.teller;
    this.#retention = parts.retention;
    this.#configText = parts.configText;
  }

  /** The configuration in force of the control plane `default`, or null. */
  configText(): Promise<string | null> {
    return this.#configText();
  }

  /** Opens everything and listens. Rejects with what is in the way. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlaneServer> {
    const { dataDir, logger, version } = options;
    const store = await openStore(join(dataDir, 'gatescope.db'));
    const keyring = await Keyring.open(store, join(dataDir, 'local.key'), logger);
    const controlPlanes = new ControlPlanes(store);
    const home = await controlPlanes.ensureDefault();
    const configs = new ConfigStore(store, options.checkConfig, new TextKey(join(dataDir, 'config.key')));
    if (options.config !== null && (options.config.replaces || (await configs.get(home.id)) === null)) {
      await configs.put(home.id, options.config.text, 'start');
    }
    const hub = new EventHub();
    const users = new Users(store);
    const authenticator = new Authenticator(store, options.adminToken);
    const nodes = new NodeRegistry(store, configs, logger);
    const audit = new AuditLog(store);
    const consent = new PayloadConsent(store);
    const redaction = new RedactionRules(store);
    const teller = new SessionTeller(store, hub, logger);
    const life = new SessionLife({ store, nodes, hub, teller, logger });
    const sessions = new Sessions({ store, keyring, nodes, configs, life, teller, audit, consent });
    const onNodes = new SessionsOnNodes(store, life, teller, redaction);
    nodes.attach(onNodes);
    const net = new SafetyNet();
    const logIngest = new LogIngest({ store, keyring, life, net });
    const ingest = new Ingest({ store, keyring, configs, life, hub, net, logger });
    const retention = new Retention(
      store,
      sessions,
      authenticator,
      logger,
      options.payloadRetentionMs ?? null,
    );
    await life.resume();
    await retention.run();
    void keyring.resumeRewraps().catch((error) => logger.log('error', 'keys', messageOf(error)));
    const certificates = await NodeCertificates.open(store, certificatesOf(options.cluster.tls.ca));
    const cluster = new ClusterListener({
      ...options.cluster,
      nodes,
      sessions: onNodes,
      ingest,
      logIngest,
      tokenSecret: await store.settings.getOrNew('node_token_secret', () => randomHex(32)),
      certificates,
      homeId: home.id,
      controlPlane: (id) => store.controlPlanes.find(id),
      version,
      logger,
    });
    const readiness = async (): Promise<string | null> => {
      if (!options.waitsForNode) return null;
      const config = await configs.get(home.id);
      const [node] = (await nodes.rows(home.id)).filter((row) => nodes.isConnected(row.id));
      if (node === undefined) return 'no gateway is connected yet';
      return config === null || node.config_hash === config.checked.hash
        ? null
        : 'the gateway has not taken its configuration yet';
    };
    const api = await buildApiServer(
      {
        audit,
        tokens: new Tokens(store),
        users,
        oidc: options.oidc == null ? null : new OidcSignIn(options.oidc, users),
        isSecure: ({ protocol }) => protocol === 'https' || options.publicUrl?.startsWith('https:') === true,
        events: new EventLog(store),
        authenticator,
        controlPlanes,
        configs,
        nodes,
        certificates,
        sessions,
        arming: onNodes.arming,
        refusedNodes: () => cluster.refused,
        traces: new TraceReader(store, keyring),
        logs: new LogReader(store, keyring),
        payloads: new PayloadReader(store, keyring),
        consent,
        redaction,
        keys: new Keys(store, keyring, audit),
        ingest,
        net,
        hub,
        logger,
        version,
        readiness,
      },
      options.viewerDir,
      options.trustedProxies,
    );
    const clusterAddress = await cluster.listen();
    try {
      await api.listen({ host: options.api.host, port: options.api.port });
    } catch (error) {
      throw new AppError(
        'unavailable',
        `can't listen on ${options.api.host}:${options.api.port}: ${messageOf(error)}. Set GATESCOPE_API_LISTEN to another address.`,
      );
    }
    const configText = async () => (await configs.get(home.id))?.text ?? null;
    return new ControlPlaneServer({
      configText,
      authenticator,
      apiAddress: api.server.address() as AddressInfo,
      clusterAddress,
      store,
      api,
      cluster,
      nodes,
      life,
      teller,
      retention,
    });
  }

  /** Answers what is under way, then closes everything. */
  async stop(): Promise<void> {
    this.#retention.close();
    this.#life.close();
    this.#teller.close();
    this.#nodes.close();
    await this.#api.close();
    await this.#cluster.close();
    await this.#store.close();
  }
}
