import type { Schemas } from './client.ts';

/** An answer of a client's method: the body of a success, or the body of a failure. */
export interface ClientAnswer<Data, Failure = unknown> {
  readonly data?: Data;
  readonly error?: Failure;
  readonly response: Response;
}

/** A failure that the gateway answered. `code` names it, such as `basket.full`, and `/problems/{code}` describes it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: string;
  readonly status: number;

  constructor(readonly problem: Schemas['Problem']) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
    this.code = problem.code;
    this.status = problem.status;
  }
}

/** A body without the case that there is none, unless there never is one. */
type Present<Data> = [NonNullable<Data>] extends [never] ? undefined : NonNullable<Data>;

/**
 * The body of a successful answer. Throws `ProblemError` for any other answer. Only a request with `Prefer: return=minimal` is answered
 * without a body where the type has one, so do not use it for such a request.
 */
export async function dataOf<Data>(answer: Promise<ClientAnswer<Data>>): Promise<Present<Data>> {
  const { data, error, response } = await answer;
  if (response.ok) return data as Present<Data>;
  throw new ProblemError(isProblem(error) ? error : outsideProblem(response));
}

/** The place of a page in a list, for the query of a request. */
export interface PagePlace {
  readonly cursor?: string;
}

/**
 * The items of a list, page by page. `page` requests one page: spread its argument into the query, which then has the cursor.
 * Throws `ProblemError`.
 */
export async function* itemsOf<Item>(
  page: (place: PagePlace) => Promise<ClientAnswer<{ readonly items: readonly Item[]; readonly next?: string | null }>>,
): AsyncGenerator<Item, void, undefined> {
  for (let place: PagePlace = {}; ;) {
    const { items, next } = await dataOf(page(place));
    yield* items;
    if (next === null || next === undefined) return;
    place = { cursor: next };
  }
}

function isProblem(body: unknown): body is Schemas['Problem'] {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

/** The problem in an answer of something before the gateway, such as a proxy. */
function outsideProblem({ status, statusText, url }: Response): Schemas['Problem'] {
  const detail = `the answer is not the gateway's: ${status} ${statusText}`;
  return { type: 'about:blank', title: statusText, status, detail, instance: url, code: `http.${status}`, traceId: '' };
}
