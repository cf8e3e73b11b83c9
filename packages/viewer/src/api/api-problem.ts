import type { Problem } from '@gatescope/protocol';

/** A request that failed: what the API said of it, or that it could not be reached. */
export class ApiProblem extends Error {
  /** 0 where no answer came. */
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly errors: NonNullable<Problem['errors']>;

  constructor(problem: Omit<Problem, 'type'>) {
    super(problem.detail === '' ? problem.title : problem.detail);
    this.name = 'ApiProblem';
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.errors = problem.errors ?? [];
  }

  /** Any thrown value as a problem that can be shown. */
  static from(thrown: unknown): ApiProblem {
    if (thrown instanceof ApiProblem) return thrown;
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return new ApiProblem({
      status: 0,
      code: 'internal',
      title: 'Something went wrong in the viewer',
      detail,
    });
  }
}

/** Reads the problem out of an answer that is no success; any body will do. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const fallback = {
    status: response.status,
    code: 'internal',
    title: `HTTP ${response.status}`,
    detail: `The control plane answered ${response.status} ${response.statusText}`.trim(),
  };
  const body: unknown = await response.json().catch(() => null);
  return new ApiProblem({
    ...fallback,
    ...(body !== null && typeof body === 'object' ? body : {}),
    status: response.status,
  });
}

/** Whether a request failed because nobody answered: the page says that once, not at everything it shows. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 0 && error.code === 'unavailable';
}
