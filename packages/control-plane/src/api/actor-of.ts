import type { FastifyRequest } from 'fastify';
import type { Actor } from '../audit/actor.ts';

/** Who sends a request, and from where; `stranger` is the name of somebody who has no rights yet: who signs in, or tried to. */
export function actorOf({ principal, address }: FastifyRequest, stranger = 'nobody'): Actor {
  return { name: principal?.name ?? stranger, id: principal?.id ?? null, address };
}
