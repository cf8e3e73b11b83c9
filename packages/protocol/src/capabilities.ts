/**
 * The methods of the cluster RPC. A capability is a method name up to its last dot; each side offers the capabilities of
 * the methods it answers.
 */
export const RPC_METHODS = {
  /** node → control plane, first call on a connection. */
  hello: 'gatescope.nodes.v1.hello',
  /** node → control plane, notification. */
  status: 'gatescope.nodes.v1.status',
  /** control plane → node. */
  applyConfig: 'gatescope.config.v1.apply',
  /** control plane → node. */
  syncSessions: 'gatescope.sessions.v1.sync',
  /** node → control plane, notification. */
  reportSessions: 'gatescope.sessions.v1.report',
} as const;

/** What a node must offer to be traced. */
export const TRACING_CAPABILITY = 'gatescope.sessions.v1';

/** What every node offers. */
export const CONFIG_CAPABILITY = 'gatescope.config.v1';

/** What a control plane offers that takes traces in the stencil coding. */
export const STENCIL_CAPABILITY = 'gatescope.stencils.v1';

/** The subprotocol of the cluster WebSocket. */
export const RPC_SUBPROTOCOL = 'gatescope.v1';

/** Paths of the cluster listener. */
export const CLUSTER_PATHS = { rpc: '/v1/rpc', traces: '/v1/traces', logs: '/v1/logs' } as const;

/** Attribute of the instrumentation scope that names the sessions a trace belongs to. */
export const SESSION_IDS_ATTRIBUTE = 'gatescope.session.ids';

/** Attribute of the instrumentation scope that names a chunk of log lines of no request: one that comes again is stored once. */
export const LOG_CHUNK_ATTRIBUTE = 'gatescope.log.chunk';

/** The capability a method belongs to. */
export function capabilityOf(method: string): string {
  return method.slice(0, method.lastIndexOf('.'));
}
