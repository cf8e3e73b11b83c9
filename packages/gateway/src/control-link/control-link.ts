import type { Logger } from '@gatescope/base';
import {
  ApplyConfigParamsSchema,
  type ApplyConfigResult,
  CLUSTER_PATHS,
  CONFIG_CAPABILITY,
  type HelloParams,
  type HelloResult,
  HelloResultSchema,
  type ReportSessionsParams,
  RPC_METHODS,
  RPC_SUBPROTOCOL,
  STENCIL_CAPABILITY,
  type StatusParams,
  type SyncSessionsParams,
  SyncSessionsParamsSchema,
  type SyncSessionsResult,
  TRACING_CAPABILITY,
  TRACING_OFF_REASONS,
  validator,
} from '@gatescope/protocol';
import { RpcClient, type RpcMethod } from '@gatescope/rpc';
import type { ClusterSettings } from '../settings/gateway-settings.ts';
import type { TelemetryTarget } from '../tracing/telemetry-sender.ts';

/** What the control plane wants of the node. */
export interface ControlLinkHandler {
  applyConfig(text: string): Promise<ApplyConfigResult>;
  syncSessions(params: SyncSessionsParams): Promise<SyncSessionsResult>;
  setTelemetryTarget(target: TelemetryTarget): void;
  onConnected(): void;
  onLost(): void;
}

export interface ControlLinkOptions {
  readonly cluster: ClusterSettings;
  readonly activeTracing: boolean;
  /** Who the node is, at the moment it says hello. */
  hello(): Omit<HelloParams, 'capabilities' | 'tracing'>;
  readonly logger: Logger;
}

const applyConfigParams = validator(ApplyConfigParamsSchema);
const syncSessionsParams = validator(SyncSessionsParamsSchema);
const helloResult = validator(HelloResultSchema);
/** A configuration with thousands of routes takes a moment to load; the answer comes through when it is in force. */
const HELLO_TIMEOUT_MS = 10_000;
/** Clocks that differ by more than this are worth a word. */
const CLOCK_DIFFERENCE_MS = 5_000;

/** The node's end of the cluster RPC: says hello, takes configuration and sessions, reports counts. */
export class ControlLink {
  readonly #client: RpcClient;
  /** Why it could not be reached last; told once. */
  #failing: string | null = null;

  constructor(options: ControlLinkOptions, handler: ControlLinkHandler) {
    const { cluster, logger } = options;
    const tracing = tracingOf(options);
    const methods: Record<string, RpcMethod> = {
      [RPC_METHODS.applyConfig]: (params) => handler.applyConfig(checked(applyConfigParams(params)).config),
      ...(tracing.available
        ? {
            [RPC_METHODS.syncSessions]: (params) => handler.syncSessions(checked(syncSessionsParams(params))),
          }
        : {}),
    };
    this.#client = new RpcClient({
      url: `wss://${cluster.controlPlane}${CLUSTER_PATHS.rpc}`,
      subprotocol: RPC_SUBPROTOCOL,
      tls: { ...cluster.identity, ca: cluster.ca, serverName: cluster.serverName },
      methods,
      onOpen: async (peer) => {
        const params: HelloParams = {
          ...options.hello(),
          capabilities: [CONFIG_CAPABILITY, ...(tracing.available ? [TRACING_CAPABILITY] : [])],
          tracing,
          time_ms: Date.now(),
        };
        const answer: HelloResult = checked(
          helloResult(await peer.call(RPC_METHODS.hello, params, HELLO_TIMEOUT_MS)),
        );
        const difference = Math.round(answer.time_ms - Date.now());
        if (Math.abs(difference) > CLOCK_DIFFERENCE_MS) {
          logger.log(
            'warn',
            'cluster',
            `the clock of this node is ${Math.abs(difference)} ms ${difference > 0 ? 'behind' : 'ahead of'} the control plane's`,
          );
        }
        handler.setTelemetryTarget({
          url: `https://${cluster.telemetryEndpoint}`,
          token: answer.telemetry_token,
          serverName: cluster.serverName,
          takesStencils: answer.capabilities.includes(STENCIL_CAPABILITY),
          cert: cluster.identity.cert,
          key: cluster.identity.key,
          ca: cluster.ca,
        });
        this.#failing = null;
        logger.log('notice', 'cluster', `connected to the control plane at ${cluster.controlPlane}`);
        handler.onConnected();
      },
      onLost: (reason) => {
        logger.log(
          'warn',
          'cluster',
          `lost the control plane: ${reason}; traffic goes on with the last configuration`,
        );
        handler.onLost();
      },
      onRetry: (reason) => {
        if (reason !== this.#failing) {
          const refused = reason.startsWith('refused');
          logger.log(
            refused ? 'error' : 'notice',
            'cluster',
            refused
              ? `the control plane at ${cluster.controlPlane} does not let this node in: ${reason}; trying again`
              : `the control plane at ${cluster.controlPlane} can't be reached: ${reason}; trying again`,
          );
        }
        this.#failing = reason;
      },
    });
  }

  get isConnected(): boolean {
    return this.#client.peer !== null;
  }

  /** Resolves once the control plane has taken the report. */
  async report(params: ReportSessionsParams): Promise<void> {
    const { peer } = this.#client;
    if (peer === null) throw new Error('there is no connection to the control plane');
    await peer.call(RPC_METHODS.reportSessions, params);
  }

  status(params: StatusParams): void {
    this.#client.peer?.notify(RPC_METHODS.status, params);
  }

  close(): void {
    this.#client.close();
  }
}

function tracingOf({ activeTracing, cluster }: ControlLinkOptions): HelloParams['tracing'] {
  if (!cluster.rpcEnabled) return { available: false, reason: TRACING_OFF_REASONS.clusterRpc };
  if (!activeTracing) return { available: false, reason: TRACING_OFF_REASONS.activeTracing };
  return { available: true, reason: null };
}

function checked<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly errors: readonly { path?: string; message: string }[] },
): T {
  if (result.ok) return result.value;
  const [first] = result.errors;
  throw new Error(`not understood: ${first?.path ?? ''} ${first?.message ?? ''}`);
}
