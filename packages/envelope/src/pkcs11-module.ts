import { existsSync } from 'node:fs';
import { messageOf } from '@gatescope/base';
import type { PKCS11 } from 'pkcs11js';
import { KeyError, type KeyTrouble } from './key-error.ts';

type Library = typeof import('pkcs11js');
export interface Module {
  readonly pkcs11: PKCS11;
  readonly constants: Library;
}

/** PKCS#11 wants to be initialised once in a process, so modules are kept by their library. */
const modules = new Map<string, Promise<Module>>();

/** The module of a PKCS#11 library. Rejects with a `KeyError`. */
export async function openModule(library: string): Promise<Module> {
  let opened = modules.get(library);
  if (opened === undefined) {
    opened = load(library);
    modules.set(library, opened);
    // Tried again by the next one who asks.
    opened.catch(() => modules.delete(library));
  }
  return await opened;
}

async function load(library: string): Promise<Module> {
  if (!existsSync(library))
    throw new KeyError(
      'unavailable',
      `the PKCS#11 library ${library} is missing; install it, or correct the path`,
    );
  let constants: Library;
  try {
    const imported = (await import('pkcs11js')) as Library & { default?: Library };
    constants = imported.default ?? imported;
  } catch (error) {
    throw new KeyError(
      'unavailable',
      `PKCS#11 keys need the package pkcs11js, which is not installed here (it needs a C++ compiler): ${messageOf(error)}`,
    );
  }
  const pkcs11 = new constants.PKCS11();
  try {
    pkcs11.load(library);
    pkcs11.C_Initialize();
  } catch (error) {
    if (codeOf(error) !== constants.CKR_CRYPTOKI_ALREADY_INITIALIZED)
      throw new KeyError('unavailable', `the PKCS#11 library ${library} can't be used: ${messageOf(error)}`);
  }
  return { pkcs11, constants };
}

/** The return value (CKR_…) that a failed call carries; -1 where there is none. */
export function codeOf(error: unknown): number {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' ? code : -1;
}

/** A failed call as a `KeyError`; `what` says which key and what was done with it. */
export function asKeyError(error: unknown, constants: Library, what: string): KeyError {
  if (error instanceof KeyError) return error;
  const trouble = troubleOf(codeOf(error), constants);
  return new KeyError(trouble, `${what}: ${messageOf(error)}`, { cause: error });
}

function troubleOf(code: number, constants: Library): KeyTrouble {
  switch (code) {
    case constants.CKR_PIN_INCORRECT:
    case constants.CKR_PIN_LOCKED:
    case constants.CKR_PIN_LEN_RANGE:
    case constants.CKR_USER_NOT_LOGGED_IN:
    case constants.CKR_USER_PIN_NOT_INITIALIZED:
    case constants.CKR_KEY_FUNCTION_NOT_PERMITTED:
      return 'denied';
    case constants.CKR_ENCRYPTED_DATA_INVALID:
    case constants.CKR_ENCRYPTED_DATA_LEN_RANGE:
    case constants.CKR_SIGNATURE_INVALID:
    case constants.CKR_ARGUMENTS_BAD:
      return 'corrupt';
    default:
      return 'unavailable';
  }
}
