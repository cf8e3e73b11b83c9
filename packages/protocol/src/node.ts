import Type from 'typebox';
import { nullable, TimestampSchema } from './scalars.ts';

/** Whether a node can be traced and, where it can't, why and how to mend it. */
export const TracingAvailabilitySchema = Type.Object({
  available: Type.Boolean(),
  reason: nullable(Type.String()),
});
export type TracingAvailability = Type.Static<typeof TracingAvailabilitySchema>;

/** A data-plane node as the API gives it. */
export const NodeSchema = Type.Object(
  {
    id: Type.String(),
    hostname: Type.String(),
    version: Type.String(),
    ip: Type.String(),
    connected: Type.Boolean(),
    last_seen_at: TimestampSchema,
    config_hash: nullable(Type.String()),
    tracing: TracingAvailabilitySchema,
    capabilities: Type.Array(Type.String()),
  },
  {
    examples: [
      {
        id: '7e0a3f9c-52d6-4f2b-9f3d-1f0c5c0a7b11',
        hostname: 'edge-1',
        version: '0.1.0',
        ip: '10.0.0.7',
        connected: true,
        last_seen_at: '2026-01-31T09:30:00.123Z',
        config_hash: 'c5b4d4c4a5b9b7a3e1f0d9c8b7a6958473625140f1e2d3c4b5a6978869504132',
        tracing: { available: true, reason: null },
        capabilities: ['gatescope.config.v1', 'gatescope.sessions.v1'],
      },
    ],
  },
);
export type Node = Type.Static<typeof NodeSchema>;

/** Why tracing is off on a node whose own settings turn it off, in words that name the mend. */
export const TRACING_OFF_REASONS = {
  activeTracing:
    'Active tracing is switched off on this node. Set KONG_ACTIVE_TRACING=on (active_tracing in kong.conf) and restart it.',
  clusterRpc:
    'Cluster RPC is switched off on this node. Set KONG_CLUSTER_RPC=on (cluster_rpc in kong.conf) and restart it.',
  notOffered: 'This node does not offer the tracing capability. Upgrade it to a version that does.',
} as const;
