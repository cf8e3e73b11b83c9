import { EMPTY_DRAFT, type SessionDraft } from './session-draft.ts';

/** A usual question, with the form that asks it. */
export interface StartCard {
  readonly title: string;
  readonly text: string;
  readonly draft: SessionDraft;
}

/** What is offered where there is no session yet. */
export const START_CARDS: readonly StartCard[] = [
  {
    title: 'Server errors',
    text: 'Every request that ends with a 5xx, whoever caused it.',
    draft: { ...EMPTY_DRAFT, name: 'Server errors', rule: 'http.response.status_code >= 500' },
  },
  {
    title: 'Slow requests',
    text: 'Every request that takes longer than a second.',
    draft: { ...EMPTY_DRAFT, name: 'Slow requests', rule: 'proxy.kong.latency.total > 1s' },
  },
  {
    title: 'Refused by a plugin',
    text: 'Every 401 that no upstream answered.',
    draft: {
      ...EMPTY_DRAFT,
      name: 'Refused by a plugin',
      rule: 'http.response.status_code == 401 && !(proxy.kong.upstream_status_code >= 100)',
    },
  },
];
