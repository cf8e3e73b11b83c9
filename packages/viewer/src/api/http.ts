import { ApiProblem, problemOf } from './api-problem.ts';
import { connection, isFromProxy } from './connection.ts';

const PREFIX = '/api/v1';

/** A request's method and body; the body is sent as JSON. */
export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Asks the API and gives its JSON. Throws `ApiProblem`, also where nobody answers. */
export async function request<T>(
  path: string,
  { method = 'GET', body, signal }: RequestOptions = {},
): Promise<T> {
  const response = await fetch(`${PREFIX}${path}`, {
    method,
    credentials: 'same-origin',
    headers:
      body === undefined
        ? { accept: 'application/json' }
        : { accept: 'application/json', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw noAnswer();
  });
  if (isFromProxy(response.status)) throw noAnswer();
  connection.answered();
  if (!response.ok) throw await problemOf(response);
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
