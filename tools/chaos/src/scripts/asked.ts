import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { send, type ShopAnswer, type ShopRequest } from '../workload/shop-http.ts';

/** An answer with its duration. */
export type Timed = ShopAnswer & { readonly tookMs: number };

const RETRYABLE: ReadonlySet<number> = new Set([429, 503, 504]);
const PATIENCE_MS = 60_000;
const AGAIN_MS = 200;

/** Requests of one kind of client, and their answers. */
export class Asked {
  readonly counts: Record<string, number> = {};
  /** Forbidden answers: 500, and lost connections. */
  readonly broken: string[] = [];

  constructor(private readonly gatewayUrl: string) {}

  async ask(request: ShopRequest): Promise<Timed> {
    const sentAtMs = performance.now();
    const answer = await send(this.gatewayUrl, request);
    const name = nameOf(answer);
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    const isBroken = answer.kind === 'lost' || (answer.status >= 500 && !RETRYABLE.has(answer.status));
    if (isBroken) this.broken.push(`${request.method} ${request.path} was answered ${name}`);
    return { ...answer, tookMs: performance.now() - sentAtMs };
  }

  /** Repeats the request while the answer asks for a retry; undefined if that never ends. */
  async askUntilTold<T extends object>(request: ShopRequest): Promise<{ readonly status: number; readonly body: T } | undefined> {
    for (const untilMs = Date.now() + PATIENCE_MS; Date.now() < untilMs; await sleep(AGAIN_MS)) {
      const answer = await this.ask(request);
      if (answer.kind === 'answered' && !RETRYABLE.has(answer.status)) return { status: answer.status, body: answer.body as T };
    }
    return undefined;
  }
}

function nameOf(answer: ShopAnswer): string {
  if (answer.kind === 'lost') return answer.cause;
  const { status, body: { code } } = answer;
  return status < 400 ? String(status) : `${status} ${code}`;
}

/** True if the answer asks for a retry. */
export function isPassing(answer: ShopAnswer): boolean {
  return answer.kind === 'answered' && RETRYABLE.has(answer.status);
}
