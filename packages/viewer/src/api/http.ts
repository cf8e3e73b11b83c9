import { ApiProblem, problemOf } from './api-problem.ts';
import { connection, isFromProxy } from './connection.ts';

const PREFIX = '/api/v1';

/** A request's method and body: `body` is sent as JSON, `yaml` as it is. */
export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly yaml?: string;
  readonly signal?: AbortSignal;
}

/** Asks the API and gives its answer where it is a success. Throws `ApiProblem`, also where nobody answers. */
export async function ask(
  path: string,
  { method = 'GET', body, yaml, signal }: RequestOptions = {},
  accept = 'application/json',
): Promise<Response> {
  const sent = yaml ?? (body === undefined ? undefined : JSON.stringify(body));
  const type = yaml === undefined ? 'application/json' : 'application/yaml';
  const response = await fetch(`${PREFIX}${path}`, {
    method,
    credentials: 'same-origin',
    headers: sent === undefined ? { accept } : { accept, 'content-type': type },
    ...(sent === undefined ? {} : { body: sent }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw noAnswer();
  });
  if (isFromProxy(response.status)) throw noAnswer();
  connection.answered();
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Asks the API and gives its JSON. Throws `ApiProblem`, also where nobody answers. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await ask(path, options);
  if (response.status === 204) return undefined as T;
  return (await response.json().catch(() => {
    throw new ApiProblem({
      status: response.status,
      code: 'internal',
      title: 'No answer of a control plane',
      detail: 'What answered is no control plane: a proxy on the way, or a page to sign in to the network.',
    });
  })) as T;
}

/** Nobody answered, or a proxy in place of the control plane. */
function noAnswer(): ApiProblem {
  connection.failed();
  return new ApiProblem({
    status: 0,
    code: 'unavailable',
    title: 'No answer',
    detail: 'The control plane does not answer. Check that it runs and that this page still reaches it.',
  });
}

/** The address of an API path, for links and event streams. */
export function apiUrl(path: string): string {
  return `${PREFIX}${path}`;
}
