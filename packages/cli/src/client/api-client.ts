import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError, type ErrorCode, type ErrorDetail, messageOf } from '@gatescope/base';
import { type Problem, STATUS_OF_CODE } from '@gatescope/protocol';
import { parseAddress, urlHost } from '../setup/address.ts';
import { DATA_DIR_DEFAULT } from '../setup/data-dir.ts';
import { type ServerEvent, ServerEventReader } from './server-event-reader.ts';

const DEFAULT_LISTEN = '127.0.0.1:8001';

/** Calls the control plane's REST API. Every failure is an `AppError` that can be told as it is. */
export class ApiClient {
  readonly #base: string;
  readonly #token: string;

  constructor(base: string, token: string) {
    this.#base = `${base.replace(/\/+$/, '')}/api/v1`;
    this.#token = token;
  }

  /**
   * The client that the environment asks for: the address of GATESCOPE_API_URL, or where a control plane on this machine listens; the
   * token of GATESCOPE_TOKEN or GATESCOPE_ADMIN_TOKEN, or the admin's of the data directory. Throws `unauthorized` where there is none.
   */
  static fromEnvironment(env: Readonly<Record<string, string | undefined>>): ApiClient {
    const listen = env['GATESCOPE_API_LISTEN'] ?? DEFAULT_LISTEN;
    const base =
      env['GATESCOPE_API_URL'] ?? `http://${urlHost(parseAddress('GATESCOPE_API_LISTEN', listen))}`;
    if (!/^https?:\/\//.test(base))
      throw new AppError(
        'invalid_config',
        `GATESCOPE_API_URL: ${base} is no address; write http://host:port`,
      );
    const dataDir = resolve(env['GATESCOPE_DATA_DIR'] ?? DATA_DIR_DEFAULT);
    const tokenFile = join(dataDir, 'admin-token');
    const token =
      env['GATESCOPE_TOKEN'] ??
      env['GATESCOPE_ADMIN_TOKEN'] ??
      (existsSync(tokenFile) ? readFileSync(tokenFile, 'utf8').trim() : undefined);
    if (token === undefined) {
      throw new AppError(
        'unauthorized',
        `no token: set GATESCOPE_TOKEN, or run this where ${dataDir} is the data directory of the control plane (GATESCOPE_DATA_DIR)`,
      );
    }
    return new ApiClient(base, token);
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.#fetch('GET', path)).json()) as T;
  }

  async post<T>(path: string, body?: unknown): Promise<T> {
    return (await (
      await this.#fetch(
        'POST',
        path,
        body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) },
      )
    ).json()) as T;
  }

  async putText<T>(path: string, type: string, text: string): Promise<T> {
    return (await (await this.#fetch('PUT', path, { type, text })).json()) as T;
  }

  /** A file, as it arrives. */
  async download(path: string): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#fetch('GET', path, undefined, { accept: '*/*' });
    if (response.body === null) throw new AppError('unavailable', 'the control plane sent no file');
    return response.body;
  }

  /** The events of a stream until the server ends it; a stream that breaks off is taken up where it broke. */
  async *events(path: string): AsyncGenerator<ServerEvent> {
    let last: string | null = null;
    for (let failures = 0; ; ) {
      try {
        const response = await this.#fetch(
          'GET',
          path,
          undefined,
          last === null ? {} : { 'last-event-id': last },
        );
        failures = 0;
        const reader = new ServerEventReader();
        for await (const bytes of response.body!) {
          for (const event of reader.read(bytes)) {
            last = event.id ?? last;
            yield event;
            if (event.event === 'end') return;
          }
        }
      } catch (error) {
        const code = AppError.from(error).code;
        if (code !== 'unavailable' && code !== 'internal') throw error;
        if (++failures > 10) throw error;
      }
      await new Promise((done) => setTimeout(done, 500));
    }
  }

  async #fetch(
    method: string,
    path: string,
    body?: { type: string; text: string },
    headers: Record<string, string> = {},
  ): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.#base + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': body.type }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: body.text }),
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new AppError(
        'unavailable',
        `no control plane answers at ${this.#base}: ${messageOf(cause)}. Start one with gatescope start, or set GATESCOPE_API_URL.`,
      );
    }
    if (response.ok) return response;
    throw await errorOf(response);
  }
}

async function errorOf(response: Response): Promise<AppError> {
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  const code: ErrorCode =
    problem?.code !== undefined && problem.code in STATUS_OF_CODE
      ? (problem.code as ErrorCode)
      : 'unavailable';
  const details = (problem?.errors ?? []).map(
    ({ suggestion, ...rest }): ErrorDetail => (suggestion == null ? rest : { ...rest, suggestion }),
  );
  return new AppError(code, problem?.detail ?? `the control plane answered ${response.status}`, { details });
}
