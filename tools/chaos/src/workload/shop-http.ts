/** The result of a request. */
export type ShopAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Parsed, or empty. */
      readonly body: AnswerBody;
      /** The server's requested wait before the next attempt. */
      readonly retryAfterMs: number | undefined;
    }
  /** The connection failed or no answer came in time, so the effect is unknown. */
  | { readonly kind: 'lost'; readonly cause: string };

/** The examined parts of a basket's or a problem's document. */
export interface AnswerBody {
  readonly version?: number;
  readonly lines?: readonly { readonly sku: string; readonly quantity: number }[];
  readonly code?: string;
}

export interface ShopRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly key?: string | undefined;
  readonly body?: object | undefined;
  readonly ifMatch?: string | undefined;
}

// Longer than the gateway's own deadline of 5 s, so that a living gateway answers 504 first.
const ANSWER_WITHIN_MS = 7_000;

/** One request; never rejects. */
export async function send(
  baseUrl: string | undefined, { method, path, key, body, ifMatch }: ShopRequest,
): Promise<ShopAnswer> {
  if (baseUrl === undefined) return { kind: 'lost', cause: 'no gateway' };
  try {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(key ? { 'idempotency-key': key } : {}),
        ...(ifMatch ? { 'if-match': ifMatch } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await response.text();
    const retryAfter = response.headers.get('retry-after');
    return {
      kind: 'answered',
      status: response.status,
      body: text === '' ? {} : (JSON.parse(text) as AnswerBody),
      retryAfterMs: retryAfter === null ? undefined : Number(retryAfter) * 1_000,
    };
  } catch (error) {
    return { kind: 'lost', cause: causeOf(error) };
  }
}

function causeOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? (name === 'TimeoutError' ? 'timeout' : message);
}
