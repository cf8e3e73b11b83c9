/** What a key's state means for what is sealed with it. */
export interface KeyStateWords {
  readonly tone: 'ok' | 'warn' | 'danger' | 'info' | 'neutral';
  readonly text: string;
}

const STATES: Readonly<Record<string, KeyStateWords>> = {
  active: { tone: 'ok', text: 'Seals new sessions.' },
  inactive: { tone: 'neutral', text: 'Not used for new sessions; opens what it sealed.' },
  disabled: { tone: 'warn', text: 'What it sealed can’t be read until it is activated again.' },
  unreachable: { tone: 'danger', text: 'Its provider does not answer: what it sealed can’t be read now.' },
  destroyed: { tone: 'danger', text: 'Gone: what it sealed can’t ever be read again.' },
};

export function keyStateWords(state: string): KeyStateWords {
  return Object.hasOwn(STATES, state) ? STATES[state]! : { tone: 'neutral', text: '' };
}
