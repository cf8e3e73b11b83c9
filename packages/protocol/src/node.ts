import Type from 'typebox';
import { nullable, TimestampSchema } from './scalars.ts';

/** Whether a node can be traced and, where it can't, why and how to mend it. */
export const TracingAvailabilitySchema = Type.Object({
  available: Type.Boolean(),
  reason: nullable(Type.String()),
});
export type TracingAvailability = Type.Static<typeof TracingAvailabilitySchema>;

/** How busy the machine of a node is, and what the node's processes do. */
export const NodeLoadSchema = Type.Object({
  cpus: Type.Integer({ minimum: 1 }),
  /** Average number of runnable processes over the last minute; more than `cpus` means that some wait. */
  load_average_1m: Type.Number({ minimum: 0 }),
  /** Of the machine's memory, 0 to 1. */
  memory_used_fraction: Type.Number({ minimum: 0, maximum: 1 }),
  /** Seconds that the node runs. */
  uptime_seconds: Type.Number({ minimum: 0 }),
});
export type NodeLoad = Type.Static<typeof NodeLoadSchema>;

/** A data-plane node as the API gives it. What only a connected node tells is null otherwise. */
export const NodeSchema = Type.Object(
  {
    id: Type.String(),
    hostname: Type.String(),
    version: Type.String(),
    ip: Type.String(),
    connected: Type.Boolean(),
    connected_at: nullable(TimestampSchema),
    last_seen_at: TimestampSchema,
    config_hash: nullable(Type.String()),
    /** Whether the node serves the configuration in force. */
    config_in_sync: Type.Boolean(),
    tracing: TracingAvailabilitySchema,
    capabilities: Type.Array(Type.String()),
    workers: nullable(Type.Integer()),
    /** From the control plane to the node and back, as last measured. */
    round_trip_ms: nullable(Type.Number()),
    /** How far the node's clock is ahead of the control plane's. */
    clock_offset_ms: nullable(Type.Number()),
    load: nullable(NodeLoadSchema),
  },
  {
    examples: [
      {
        id: '7e0a3f9c-52d6-4f2b-9f3d-1f0c5c0a7b11',
        hostname: 'edge-1',
        version: '0.1.0',
        ip: '10.0.0.7',
        connected: true,
        connected_at: '2026-01-31T08:00:00.123Z',
        last_seen_at: '2026-01-31T09:30:00.123Z',
        config_hash: 'c5b4d4c4a5b9b7a3e1f0d9c8b7a6958473625140f1e2d3c4b5a6978869504132',
        config_in_sync: true,
        tracing: { available: true, reason: null },
        capabilities: ['gatescope.config.v1', 'gatescope.sessions.v1'],
        workers: 4,
        round_trip_ms: 0.8,
        clock_offset_ms: -2,
        load: { cpus: 4, load_average_1m: 0.7, memory_used_fraction: 0.4, uptime_seconds: 86_400 },
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

/** The body of `POST …/node-certificates`. */
export const NodeCertificateRequestSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    /** One certificate, PEM; an authority lets in whatever it issued. */
    certificate: Type.String({ maxLength: 65_536 }),
  },
  {
    additionalProperties: false,
    examples: [
      {
        name: 'edge nodes of Dublin',
        certificate: '-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n',
      },
    ],
  },
);

/** A certificate pinned to a control plane. */
export const NodeCertificateSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    subject: Type.String(),
    /** Lower-case hexadecimal. */
    fingerprint_sha256: Type.String(),
    is_authority: Type.Boolean(),
    not_before: TimestampSchema,
    not_after: TimestampSchema,
    created_at: TimestampSchema,
    created_by: Type.String(),
  },
  {
    examples: [
      {
        id: '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d',
        name: 'edge nodes of Dublin',
        subject: 'CN=eu-west',
        fingerprint_sha256: 'c5b4d4c4a5b9b7a3e1f0d9c8b7a6958473625140f1e2d3c4b5a6978869504132',
        is_authority: true,
        not_before: '2026-01-31T09:30:00.000Z',
        not_after: '2036-01-31T09:30:00.000Z',
        created_at: '2026-01-31T09:30:00.123Z',
        created_by: 'ada@example.com',
      },
    ],
  },
);
export type NodeCertificate = Type.Static<typeof NodeCertificateSchema>;
