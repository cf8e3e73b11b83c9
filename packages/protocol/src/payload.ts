import Type from 'typebox';
import { nullable } from './scalars.ts';

/** What was masked: where, by which rule, how often. Tells nothing of what stood there. */
export const RedactionSchema = Type.Object({
  /** `headers.<name>`, `body`, … */
  where: Type.String(),
  rule: Type.String(),
  count: Type.Integer(),
});

const bodyFields = {
  content_type: nullable(Type.String()),
  /** As the message named it; what is shown has been decoded. */
  content_encoding: nullable(Type.String()),
  /** Bytes of the whole body as it was sent, encoded. */
  size_bytes: Type.Integer({ minimum: 0 }),
  /** Bytes of it that were captured. */
  captured_bytes: Type.Integer({ minimum: 0 }),
  /** Whether less is shown than there was. */
  truncated: Type.Boolean(),
};

/** A body, redacted: as text where it is text, as Base64 otherwise. */
export const CapturedBodySchema = Type.Union([
  Type.Object({ text: Type.String(), ...bodyFields }),
  Type.Object({ base64: Type.String(), ...bodyFields }),
]);
export type CapturedBody = Type.Static<typeof CapturedBodySchema>;

/** One message as it was on the wire, redacted. */
export const CapturedMessageSchema = Type.Object({
  headers: Type.Array(Type.Tuple([Type.String(), Type.String()])),
  body: nullable(CapturedBodySchema),
  redactions: Type.Array(RedactionSchema),
});
export type CapturedMessage = Type.Static<typeof CapturedMessageSchema>;

const messages = {
  client_request: nullable(CapturedMessageSchema),
  upstream_request: nullable(CapturedMessageSchema),
  upstream_response: nullable(CapturedMessageSchema),
  client_response: nullable(CapturedMessageSchema),
};

/** What was captured of a request on its way through the gateway; null: that message was not sent. */
export const PayloadSchema = Type.Object(messages, {
  examples: [
    {
      client_request: {
        headers: [
          ['Host', 'shop.example.com'],
          ['Authorization', 'Bearer ****'],
        ],
        body: {
          text: '{"card":"****************"}',
          content_type: 'application/json',
          content_encoding: null,
          size_bytes: 27,
          captured_bytes: 27,
          truncated: false,
        },
        redactions: [
          { where: 'headers.authorization', rule: 'authorization', count: 1 },
          { where: 'body', rule: 'card', count: 1 },
        ],
      },
      upstream_request: null,
      upstream_response: null,
      client_response: null,
    },
  ],
});
export type Payload = Type.Static<typeof PayloadSchema>;

/** A payload as a node sends it and as it is kept: with the query, which no header field holds and no span tells. */
export const SentPayloadSchema = Type.Object({
  ...messages,
  /** Of the client's request, redacted, without `?`; null: there was none, or headers were not asked for. */
  query: nullable(Type.String()),
});
export type SentPayload = Type.Static<typeof SentPayloadSchema>;
