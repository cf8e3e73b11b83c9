import Type from 'typebox';
import { nullable } from './scalars.ts';

export const HealthSchema = Type.Object(
  { status: Type.Literal('ok'), version: Type.String() },
  { examples: [{ status: 'ok', version: '0.1.0' }] },
);

/** `missing` says what is still waited for. */
export const ReadinessSchema = Type.Object(
  { status: Type.Union([Type.Literal('ready'), Type.Literal('starting')]), missing: nullable(Type.String()) },
  { examples: [{ status: 'starting', missing: 'no gateway is connected yet' }] },
);
