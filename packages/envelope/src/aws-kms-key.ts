import type { KMSClient } from '@aws-sdk/client-kms';
import { messageOf } from '@gatescope/base';
import { KeyError, type KeyTrouble } from './key-error.ts';
import type { KeyConfig, KeyDescription, KeyProvider, NewDataKey } from './key-provider.ts';

type Sdk = typeof import('@aws-sdk/client-kms');

/** How long a call may take to connect and to answer, milliseconds. */
const CONNECT_MS_MAX = 3_000;
const ANSWER_MS_MAX = 5_000;
/** How often a call is tried, in all. */
const TRIES = 2;

const TROUBLES: Readonly<Record<string, KeyTrouble>> = {
  AccessDeniedException: 'denied',
  UnrecognizedClientException: 'denied',
  InvalidSignatureException: 'denied',
  ExpiredTokenException: 'denied',
  CredentialsProviderError: 'denied',
  DisabledException: 'disabled',
  NotFoundException: 'destroyed',
  InvalidCiphertextException: 'corrupt',
  IncorrectKeyException: 'corrupt',
};

/**
 * A symmetric key in AWS Key Management Service, over Amazon's own SDK, which is loaded when the first key of this kind is used. Credentials
 * come from where that SDK looks for them. Versions are the service's own affair.
 */
export class AwsKmsKey implements KeyProvider {
  readonly #config: KeyConfig;
  #client: Promise<{ sdk: Sdk; client: KMSClient }> | null = null;

  constructor(config: KeyConfig) {
    this.#config = config;
  }

  async generateDataKey(context: Uint8Array): Promise<NewDataKey> {
    const { Plaintext, CiphertextBlob } = await this.#call('make a data key', ({ sdk, client }) =>
      client.send(new sdk.GenerateDataKeyCommand({ ...this.#key(context), KeySpec: 'AES_256' })),
    );
    if (Plaintext?.length !== 32 || CiphertextBlob === undefined)
      throw new KeyError('unavailable', `${this.#name()} gave no data key of 32 bytes`);
    return { dataKey: Buffer.from(Plaintext), wrapped: CiphertextBlob };
  }

  async unwrap(wrapped: Uint8Array, context: Uint8Array): Promise<Buffer> {
    const { Plaintext } = await this.#call('open a data key', ({ sdk, client }) =>
      client.send(new sdk.DecryptCommand({ ...this.#key(context), CiphertextBlob: wrapped })),
    );
    return Buffer.from(Plaintext ?? []);
  }

  async rewrap(wrapped: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    const { KeyId, EncryptionContext } = this.#key(context);
    const { CiphertextBlob } = await this.#call('wrap a data key anew', ({ sdk, client }) =>
      client.send(
        new sdk.ReEncryptCommand({
          CiphertextBlob: wrapped,
          SourceKeyId: KeyId,
          SourceEncryptionContext: EncryptionContext,
          DestinationKeyId: KeyId,
          DestinationEncryptionContext: EncryptionContext,
        }),
      ),
    );
    if (CiphertextBlob === undefined) throw new KeyError('unavailable', `${this.#name()} wrapped nothing`);
    return CiphertextBlob;
  }

  async rotate(): Promise<KeyConfig> {
    await this.#call('be rotated', ({ sdk, client }) =>
      client.send(new sdk.RotateKeyOnDemandCommand({ KeyId: this.#config['key_arn'] })),
    );
    return this.#config;
  }

  async describe(): Promise<KeyDescription> {
    const { KeyMetadata } = await this.#call('be described', ({ sdk, client }) =>
      client.send(new sdk.DescribeKeyCommand({ KeyId: this.#config['key_arn'] })),
    );
    const state = KeyMetadata?.KeyState ?? 'Unavailable';
    if (state === 'Enabled') return { summary: this.#config['key_arn'] ?? '' };
    const trouble =
      state === 'Disabled' ? 'disabled' : state.startsWith('PendingDeletion') ? 'destroyed' : 'unavailable';
    throw new KeyError(trouble, `${this.#name()} is in the state ${state} at AWS`);
  }

  #key(context: Uint8Array): { KeyId: string | undefined; EncryptionContext: Record<string, string> } {
    return {
      KeyId: this.#config['key_arn'],
      EncryptionContext: { gatescope: Buffer.from(context).toString('base64') },
    };
  }

  #name(): string {
    return `the key ${this.#config['key_arn']}`;
  }

  async #call<T>(what: string, send: (opened: { sdk: Sdk; client: KMSClient }) => Promise<T>): Promise<T> {
    this.#client ??= this.#open();
    try {
      return await send(await this.#client);
    } catch (error) {
      const { name } = error as Error;
      const trouble = TROUBLES[name] ?? 'unavailable';
      throw new KeyError(trouble, `${this.#name()} can not ${what}: ${name}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async #open(): Promise<{ sdk: Sdk; client: KMSClient }> {
    const sdk = await import('@aws-sdk/client-kms');
    const { region, endpoint } = this.#config;
    const client = new sdk.KMSClient({
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
      maxAttempts: TRIES,
      requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: ANSWER_MS_MAX },
    });
    return { sdk, client };
  }
}
