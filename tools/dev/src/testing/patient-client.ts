import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer of the gateway. The type of the body depends on the route, and each test asserts the fields that it needs. */
export interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** Sends a request, and resolves with its answer. */
export type Call = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;

const RETRYABLE: ReadonlySet<number> = new Set([503, 504]);
const AGAIN_MS = 50;

/** A client that repeats each request under its key until it is answered, because a busy machine misses deadlines. */
export function patientClient(gatewayUrl: () => string): Call {
  return async (method, path, body, headers = {}) => {
    const request = {
      method,
      headers: { 'idempotency-key': randomUUID(), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    for (;;) {
      const response = await fetch(gatewayUrl() + path, request);
      const text = await response.text();
      if (!RETRYABLE.has(response.status)) return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
      await sleep(AGAIN_MS);
    }
  };
}
