import { randomBytes } from 'node:crypto';
import { newDataKey } from './envelope.ts';
import { KeyError } from './key-error.ts';
import type { KeyConfig, KeyDescription, KeyProvider, NewDataKey } from './key-provider.ts';
import { asKeyError, codeOf, type Module, openModule } from './pkcs11-module.ts';
import { secretOf } from './secret-of.ts';
import { readVersion, withVersion } from './wrapped-key.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** One session with a token, signed in. */
interface Session extends Module {
  readonly handle: Buffer;
}

/**
 * An AES-256 key in a PKCS#11 token (an HSM) that can't be taken out of it. Data keys are wrapped inside the token with AES-GCM. A version is
 * an object of its own under the same label, told from others by its CKA_ID.
 */
export class Pkcs11Key implements KeyProvider {
  readonly #config: KeyConfig;
  #version: string;

  constructor(config: KeyConfig) {
    this.#config = config;
    this.#version = config.version ?? '';
  }

  /** Takes the token's key of this label; makes one where there is none. Answers the configuration to keep. */
  static async adopt(config: KeyConfig): Promise<KeyConfig> {
    const key = new Pkcs11Key(config);
    const found = await key.#inSession('can not be found', (session) => key.#ids(session));
    const [version] = found;
    if (version !== undefined) return { ...config, version };
    return await key.rotate();
  }

  async generateDataKey(context: Uint8Array): Promise<NewDataKey> {
    const dataKey = newDataKey();
    return { dataKey, wrapped: await this.#wrap(dataKey, context) };
  }

  async unwrap(wrapped: Uint8Array, context: Uint8Array): Promise<Buffer> {
    const { version, sealed } = readVersion(wrapped);
    return await this.#inSession('can not open a data key', (session) => {
      const { pkcs11, handle } = session;
      const nonce = Buffer.from(sealed.subarray(0, NONCE_BYTES));
      pkcs11.C_DecryptInit(handle, mechanism(session, nonce, context), this.#object(session, version));
      const dataKey = Buffer.alloc(64);
      return pkcs11.C_Decrypt(handle, Buffer.from(sealed.subarray(NONCE_BYTES)), dataKey);
    });
  }

  async rewrap(wrapped: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    const dataKey = await this.unwrap(wrapped, context);
    try {
      return await this.#wrap(dataKey, context);
    } finally {
      dataKey.fill(0);
    }
  }

  async rotate(): Promise<KeyConfig> {
    const id = randomBytes(16);
    await this.#inSession('can not be made', ({ pkcs11, handle, constants }) => {
      pkcs11.C_GenerateKey(handle, { mechanism: constants.CKM_AES_KEY_GEN }, [
        { type: constants.CKA_CLASS, value: constants.CKO_SECRET_KEY },
        { type: constants.CKA_KEY_TYPE, value: constants.CKK_AES },
        { type: constants.CKA_VALUE_LEN, value: 32 },
        { type: constants.CKA_LABEL, value: this.#config['key_label'] ?? '' },
        { type: constants.CKA_ID, value: id },
        { type: constants.CKA_TOKEN, value: true },
        { type: constants.CKA_PRIVATE, value: true },
        { type: constants.CKA_SENSITIVE, value: true },
        { type: constants.CKA_EXTRACTABLE, value: false },
        { type: constants.CKA_ENCRYPT, value: true },
        { type: constants.CKA_DECRYPT, value: true },
      ]);
    });
    this.#version = id.toString('hex');
    return { ...this.#config, version: this.#version };
  }

  async describe(): Promise<KeyDescription> {
    await this.#inSession('can not be used', (session) => this.#object(session, this.#version));
    return { summary: `${this.#name()} (${this.#version})` };
  }

  async #wrap(dataKey: Uint8Array, context: Uint8Array): Promise<Buffer> {
    const nonce = randomBytes(NONCE_BYTES);
    return await this.#inSession('can not wrap a data key', (session) => {
      const { pkcs11, handle } = session;
      pkcs11.C_EncryptInit(handle, mechanism(session, nonce, context), this.#object(session, this.#version));
      const sealed = pkcs11.C_Encrypt(handle, Buffer.from(dataKey), Buffer.alloc(dataKey.length + TAG_BYTES));
      return withVersion(this.#version, Buffer.concat([nonce, sealed]));
    });
  }

  #name(): string {
    return `the key ${this.#config['key_label']} in the token ${this.#config['token_label']}`;
  }

  async #inSession<T>(what: string, work: (session: Session) => T): Promise<T> {
    const { library = '', token_label = '' } = this.#config;
    const module = await openModule(library);
    const { pkcs11, constants } = module;
    const pin = await secretOf(this.#config, 'pin');
    try {
      const slot = pkcs11
        .C_GetSlotList(true)
        .find((one) => pkcs11.C_GetTokenInfo(one).label.trimEnd() === token_label);
      if (slot === undefined)
        throw new KeyError(
          'unavailable',
          `there is no token ${token_label} in ${library}; connect or initialise it`,
        );
      const handle = pkcs11.C_OpenSession(slot, constants.CKF_SERIAL_SESSION | constants.CKF_RW_SESSION);
      try {
        login(module, handle, pin);
        return work({ ...module, handle });
      } finally {
        pkcs11.C_CloseSession(handle);
      }
    } catch (error) {
      throw asKeyError(error, constants, `${this.#name()} ${what}`);
    }
  }

  /** The key's object of a version. Throws `destroyed` where the token has it no more. */
  #object(session: Session, version: string): Buffer {
    const { pkcs11, handle, constants } = session;
    pkcs11.C_FindObjectsInit(handle, [
      ...this.#template(constants),
      { type: constants.CKA_ID, value: Buffer.from(version, 'hex') },
    ]);
    try {
      const object = pkcs11.C_FindObjects(handle, 1)[0];
      if (object !== undefined) return object;
      throw new KeyError('destroyed', `${this.#name()} is no longer there in the version ${version}`);
    } finally {
      pkcs11.C_FindObjectsFinal(handle);
    }
  }

  #ids({ pkcs11, handle, constants }: Session): string[] {
    pkcs11.C_FindObjectsInit(handle, this.#template(constants));
    const objects = pkcs11.C_FindObjects(handle, 100);
    pkcs11.C_FindObjectsFinal(handle);
    return objects
      .map(
        (object) =>
          pkcs11.C_GetAttributeValue(handle, object, [{ type: constants.CKA_ID }])[0]!.value as Buffer,
      )
      .map((id) => id.toString('hex'))
      .filter((id) => id !== '');
  }

  #template(constants: Module['constants']) {
    return [
      { type: constants.CKA_CLASS, value: constants.CKO_SECRET_KEY },
      { type: constants.CKA_LABEL, value: this.#config['key_label'] ?? '' },
    ];
  }
}

function mechanism({ constants }: Session, nonce: Buffer, context: Uint8Array) {
  return {
    mechanism: constants.CKM_AES_GCM,
    parameter: {
      type: constants.CK_PARAMS_AES_GCM,
      iv: nonce,
      ivBits: NONCE_BYTES * 8,
      aad: Buffer.from(context),
      tagBits: TAG_BYTES * 8,
    },
  };
}

/** The token knows the process, not the session: whoever is signed in already stays so. */
function login({ pkcs11, constants }: Module, handle: Buffer, pin: string): void {
  try {
    pkcs11.C_Login(handle, constants.CKU_USER, pin);
  } catch (error) {
    if (codeOf(error) !== constants.CKR_USER_ALREADY_LOGGED_IN) throw error;
  }
}
