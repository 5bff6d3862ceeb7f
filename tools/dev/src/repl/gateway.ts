import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

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

const TRIES = 5;
const TRY_AGAIN = [429, 503, 504];

/** The gateway of a running system. */
export class Gateway {
  constructor(readonly url: string) {}

  /**
   * The JSON of the answer; undefined if there is none. Throws `Refused`. A temporary failure is retried under the same
   * key, so the command takes effect once.
   */
  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const key = randomUUID();
    for (let tries = 1; ; tries += 1) {
      const response = await fetch(`${this.url}/v1${path}`, {
        method,
        headers: { 'idempotency-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const answer = text === '' ? undefined : (JSON.parse(text) as unknown);
      if (response.ok) return answer;
      if (tries === TRIES || !TRY_AGAIN.includes(response.status)) throw new Refused(response.status, answer as Problem);
      await sleep(1_000 * Number(response.headers.get('retry-after') ?? 1));
    }
  }
}

/** A path whose parts may contain any text. */
export function pathOf(parts: TemplateStringsArray, ...names: readonly string[]): string {
  return String.raw({ raw: parts }, ...names.map(encodeURIComponent));
}
