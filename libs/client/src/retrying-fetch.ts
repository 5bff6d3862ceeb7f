/** Sends a request, as the global `fetch` does. */
export type Fetch = (request: Request) => Promise<Response>;

/** Options of `retryingFetch`. */
export interface RetryOptions {
  /** The global `fetch` unless given. */
  readonly fetch?: Fetch;
  /** A request is repeated for this long. 30 s unless given; 0 sends it once. */
  readonly patienceMs?: number;
  /** An attempt without an answer after this time counts as lost. 15 s unless given. */
  readonly attemptMs?: number;
}

const PATIENCE_MS = 30_000;
const ATTEMPT_MS = 15_000;
const FIRST_WAIT_MS = 100;
const WAIT_MS_MAX = 2_000;
const RETRYABLE: ReadonlySet<number> = new Set([429, 503, 504]);
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const JSON_TYPE = /^application\/(problem\+)?json/;
/** Commands that take no key, and do more when they are repeated: creating an API key, and rolling back a strategy. */
const ONCE = /\/v1\/(keys|strategies\/[^/]+\/rollback)$/;

/**
 * Makes a `fetch` that repeats a request until it is answered. Each command gets an `Idempotency-Key` unless it has one, so the gateway
 * applies it once. A request is repeated after 429, 503 and 504, when `Retry-After` has passed, and after a lost connection. When
 * patience ends, the last answer is returned, or the last error thrown. Creating an API key and a rollback of a strategy without `If-Match`
 * take no key, and are sent once.
 */
export function retryingFetch(
  { fetch: send = globalThis.fetch, patienceMs = PATIENCE_MS, attemptMs = ATTEMPT_MS }: RetryOptions = {},
): Fetch {
  return async (request) => {
    if (!READS.has(request.method) && !request.headers.has('idempotency-key')) request.headers.set('idempotency-key', newKey());
    const untilMs = isRepeatable(request) ? Date.now() + patienceMs : 0;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, WAIT_MS_MAX)) {
      const { response, error } = await attempt(send, request, attemptMs);
      if (response && !RETRYABLE.has(response.status)) return response;
      request.signal.throwIfAborted();
      const nextMs = Math.max(jittered(waitMs), response ? retryAfterMsOf(response) : 0);
      if (Date.now() + nextMs >= untilMs) {
        if (response) return response;
        throw error;
      }
      await sleep(nextMs, request.signal);
    }
  };
}

/** One attempt: its answer, or the error if there is none. JSON is an answer once it is here as a whole. */
async function attempt(send: Fetch, request: Request, withinMs: number): Promise<{ response?: Response; error?: unknown }> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException('the attempt was not answered in time', 'TimeoutError')), withinMs);
  try {
    const response = await send(new Request(request.clone(), { signal: AbortSignal.any([request.signal, late.signal]) }));
    if (JSON_TYPE.test(response.headers.get('content-type') ?? '')) await response.clone().arrayBuffer();
    return { response };
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}

function isRepeatable({ method, url, headers }: Request): boolean {
  return method !== 'POST' || headers.has('if-match') || !ONCE.test(new URL(url).pathname);
}

function retryAfterMsOf({ headers }: Response): number {
  return 1_000 * Number(headers.get('retry-after') ?? 0);
}

/** A random key. Browsers have `randomUUID` on secure pages alone. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Half to the whole of a wait, so that the clients of a gateway that was away do not come back together. */
function jittered(waitMs: number): number {
  return waitMs * (0.5 + Math.random() / 2);
}

/** Rejects with the reason if the signal is aborted before. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}
