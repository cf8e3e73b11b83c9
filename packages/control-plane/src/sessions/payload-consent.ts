import { AppError } from '@gatescope/base';
import type { PayloadCapture } from '@gatescope/protocol';
import type { Repositories } from '../store/repositories.ts';
import { timestamp } from '../time.ts';

const SETTING = 'payload_capture';

/** What has to be agreed to before headers and bodies are captured. */
export const AGREEMENT_TEXT = `Headers and bodies of requests and responses may be captured in the tracing sessions of this organisation.

They can hold personal data and secrets. What the sanitizer knows for a secret is masked on the gateway before anything is sent: credentials, cookies, API keys, payment card numbers, and what the rules of a session or of the organisation name. What no rule describes is not masked.

Captured headers and bodies are kept encrypted for as long as their session is kept. Only people and tokens with the right payload:read can read them, and each reading is noted in the audit log.

Whoever agrees is entitled to do so for the organisation. The agreement can be withdrawn at any time; captures under way then end at once.`;

interface Consent {
  readonly text: string;
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The organisation's agreement to the capture of headers and bodies. */
export class PayloadConsent {
  readonly #settings: Repositories['settings'];

  constructor({ settings }: Pick<Repositories, 'settings'>) {
    this.#settings = settings;
  }

  async isGiven(): Promise<boolean> {
    return (await this.#read()) !== null;
  }

  async view(): Promise<PayloadCapture> {
    const consent = await this.#read();
    if (consent === null)
      return { enabled: false, agreement_text: AGREEMENT_TEXT, agreed_by: null, agreed_at: null };
    const { text, by, at } = consent;
    return { enabled: true, agreement_text: text, agreed_by: by, agreed_at: timestamp(at) };
  }

  /** Notes that `by` agreed to the text, which has to be the one shown. Throws `invalid_request`. */
  async give(text: string | undefined, by: string): Promise<void> {
    const given = await this.#read();
    if (given !== null && (text === undefined || text === given.text)) return;
    if (text !== AGREEMENT_TEXT) {
      throw new AppError('invalid_request', 'send agreement_text as GET /settings/payload-capture gives it', {
        details: [{ message: 'is not the text to agree to', path: 'agreement_text' }],
      });
    }
    await this.#settings.set(SETTING, JSON.stringify({ text, by, at: Date.now() } satisfies Consent));
  }

  async withdraw(): Promise<void> {
    await this.#settings.remove(SETTING);
  }

  async #read(): Promise<Consent | null> {
    const value = await this.#settings.get(SETTING);
    return value === undefined ? null : (JSON.parse(value) as Consent);
  }
}
