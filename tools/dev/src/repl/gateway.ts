import { retryingFetch } from '@aisle/client';
import { credential } from '../process/credential.ts';

/** An answer of problem+json. */
export interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** A refusal of the gateway, in its own words. */
export class Refused extends Error {
  // Private, because the prompt would print properties beside the message.
  readonly #problem: Problem;
  readonly #status: number;

  constructor(status: number, problem: Problem) {
    const { code = 'unknown', detail = '', errors = [] } = problem;
    super([`${status} ${code}: ${detail}`, ...errors.map(({ path, message }) => `  ${path && `${path}: `}${message}`)].join('\n'));
    this.#problem = problem;
    this.#status = status;
    // The location in this program is of no use at the prompt.
    this.stack = this.message;
  }

  get status(): number {
    return this.#status;
  }

  get code(): string | undefined {
    return this.#problem.code;
  }

  get details(): Readonly<Record<string, unknown>> {
    return this.#problem.details ?? {};
  }
}

const PATIENCE_MS = 5_000;

/** The gateway of a running system. */
export class Gateway {
  readonly #fetch = retryingFetch({ patienceMs: PATIENCE_MS });

  constructor(readonly url: string) {}

  /**
   * The JSON of the answer; undefined if there is none. Throws `Refused`. A temporary failure is retried under the same
   * key, so the command takes effect once.
   */
  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = { ...credential(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await this.#fetch(new Request(`${this.url}/v1${path}`, init));
    const text = await response.text();
    const answer = text === '' ? undefined : (JSON.parse(text) as unknown);
    if (response.ok) return answer;
    throw new Refused(response.status, answer as Problem);
  }
}

/** A path whose parts may contain any text. */
export function pathOf(parts: TemplateStringsArray, ...names: readonly string[]): string {
  return String.raw({ raw: parts }, ...names.map(encodeURIComponent));
}
