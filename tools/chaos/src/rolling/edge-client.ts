import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface EdgeRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** Makes it safe to send again. A read needs none. */
  readonly key?: string;
  readonly body?: object;
}

export interface EdgeAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: { readonly [name: string]: unknown };
}

/** Everything that clients saw besides success. */
export interface Sightings {
  /** Failures by kind: `503 cluster.moving`, `ECONNREFUSED`. Each was followed by another attempt. */
  readonly retried: Map<string, number>;
  /** Answers that no client should see. */
  readonly forbidden: string[];
  /** The time of each request until it succeeded, with all its attempts. */
  readonly waits: number[];
}

interface Reply extends EdgeAnswer {
  readonly retryAfterMs: number | undefined;
}

/** The time limit of one attempt, which ends a request that hangs. */
const ATTEMPT_WITHIN_MS = 30_000;
const GIVE_UP_AFTER_MS = 600_000;
const FAILURES_SHOWN = 20;
const RECONNECT_MS = 20;
const RETRYABLE: ReadonlySet<number> = new Set([429, 503, 504]);

/**
 * One client of several gateways, on a kept connection to one of them. When it loses its connection it goes to another
 * gateway, and repeats retryable requests under the same key.
 */
export class EdgeClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    /** The known addresses of gateways. */
    private readonly gateways: () => readonly string[],
    private turn: number,
    private readonly seen: Sightings,
  ) {}

  /** Resolves with a successful answer. Rejects when none can come. */
  async ask(what: EdgeRequest): Promise<EdgeAnswer> {
    const sinceMs = performance.now();
    const failures: string[] = [];
    for (;;) {
      const waitMs = await this.send(what).then((reply) => this.judge(what, reply, sinceMs, failures), (error: NodeJS.ErrnoException) => {
        this.count(error.code ?? error.message, failures);
        this.turn += 1;
        return RECONNECT_MS;
      });
      if (typeof waitMs === 'object') return waitMs;
      if (performance.now() - sinceMs > GIVE_UP_AFTER_MS) {
        const text = `${what.method} ${what.path} did not succeed in ${GIVE_UP_AFTER_MS / 1_000} s: ${failures.slice(-FAILURES_SHOWN).join(', ')}`;
        this.seen.forbidden.push(text);
        throw new Error(text);
      }
      await sleep(waitMs);
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private judge(what: EdgeRequest, reply: Reply, sinceMs: number, failures: string[]): EdgeAnswer | number {
    const { status, body, retryAfterMs } = reply;
    if (status < 300) {
      this.seen.waits.push(performance.now() - sinceMs);
      return reply;
    }
    const text = `${status} ${String(body['code'])}`;
    if (RETRYABLE.has(status) && retryAfterMs !== undefined) {
      this.count(text, failures);
      return retryAfterMs;
    }
    this.seen.forbidden.push(`${what.method} ${what.path}: ${text}`);
    throw new Error(`${what.method} ${what.path} was answered ${text}`);
  }

  private count(what: string, failures: string[]): void {
    failures.push(what);
    this.seen.retried.set(what, (this.seen.retried.get(what) ?? 0) + 1);
  }

  private send({ method, path, key, body }: EdgeRequest): Promise<Reply> {
    const gateways = this.gateways();
    const url = `${gateways[this.turn % gateways.length]}${path}`;
    const headers = {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, agent: this.agent, headers, timeout: ATTEMPT_WITHIN_MS }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).once('error', reject).once('end', () => {
          const { statusCode: status = 0, headers: { location, 'retry-after': after } } = response;
          const retryAfterMs = after === undefined ? undefined : Number(after) * 1_000;
          resolve({ status, location, retryAfterMs, body: JSON.parse(text || '{}') as EdgeAnswer['body'] });
        });
      });
      sent.once('timeout', () => sent.destroy(new Error('no answer')));
      sent.once('error', reject).end(body ? JSON.stringify(body) : undefined);
    });
  }
}
