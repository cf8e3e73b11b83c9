import { AppError } from '@gatescope/base';

/** Why a key can't be used: no right to, switched off, not reached, gone for good, or what it should open is damaged or another key's. */
export type KeyTrouble = 'denied' | 'disabled' | 'unavailable' | 'destroyed' | 'corrupt';

/** What every key provider throws. The message says how to mend it, and holds no secret. */
export class KeyError extends AppError {
  readonly trouble: KeyTrouble;

  constructor(trouble: KeyTrouble, message: string, options: { cause?: unknown } = {}) {
    super('key_unavailable', message, options);
    this.name = 'KeyError';
    this.trouble = trouble;
  }
}
