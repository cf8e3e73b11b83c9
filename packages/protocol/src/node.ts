import Type from 'typebox';
import { nullable, TimestampSchema } from './scalars.ts';

/** Whether a node can be traced and, where it can't, why and how to mend it. */
export const TracingAvailabilitySchema = Type.Object({
  available: Type.Boolean(),
  reason: nullable(Type.String()),
});
export type TracingAvailability = Type.Static<typeof TracingAvailabilitySchema>;

/** A data-plane node as the API gives it. */
export const NodeSchema = Type.Object({
  id: Type.String(),
  hostname: Type.String(),
  version: Type.String(),
  ip: Type.String(),
  connected: Type.Boolean(),
  last_seen_at: TimestampSchema,
  config_hash: nullable(Type.String()),
  tracing: TracingAvailabilitySchema,
  capabilities: Type.Array(Type.String()),
});
export type Node = Type.Static<typeof NodeSchema>;

/** Why tracing is off on a node whose own settings turn it off, in words that name the mend. */
export const TRACING_OFF_REASONS = {
  activeTracing:
    'Active tracing is switched off on this node. Set KONG_ACTIVE_TRACING=on (active_tracing in kong.conf) and restart it.',
  clusterRpc:
    'Cluster RPC is switched off on this node. Set KONG_CLUSTER_RPC=on (cluster_rpc in kong.conf) and restart it.',
  notOffered: 'This node does not offer the tracing capability. Upgrade it to a version that does.',
} as const;
