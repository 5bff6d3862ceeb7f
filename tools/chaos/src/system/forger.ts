import { randomBytes, randomUUID } from 'node:crypto';
import { FrameSender, Requester, createRedisTransport } from '@aisle/broker';
import { messageOfType } from '@aisle/contracts';
import { systemRuntime as runtime } from '@aisle/std';

/** A message that no gateway would send. */
export interface Forgery {
  readonly type: string;
  readonly market: string;
  readonly actor: string;
  readonly body: object;
}

/** The answer to a forgery: `acknowledged`, `RemoteCrash`, or a failure's code. */
export interface ForgeryAnswer {
  readonly traceId: string;
  readonly answer: string;
}

const ANSWER_WITHIN_MS = 5_000;

/** Puts frames into the queues in Redis, past the gateway and all its checks. */
export class Forger {
  private readonly transport;
  private readonly requester: Requester;

  constructor(url: string, keyPrefix: string) {
    this.transport = createRedisTransport({ url, keyPrefix, runtime });
    const outbox = new FrameSender({ transport: this.transport, runtime });
    this.requester = new Requester({ transport: this.transport, runtime, sender: outbox, replyQueue: `forger-${randomUUID()}` });
  }

  async send({ type, market, actor, body }: Forgery): Promise<ForgeryAnswer> {
    const traceId = randomBytes(16).toString('hex');
    const header = {
      id: randomUUID(), type, tenant: 'default', market, actor, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
      deadlineMs: runtime.clock.nowMs() + ANSWER_WITHIN_MS,
    };
    const answer = await this.requester.request(messageOfType(type)?.queue as string, header, body).then(
      () => 'acknowledged',
      (error: Error & { code?: string }) => (error.name === 'RemoteCrash' ? error.name : (error.code ?? error.name)),
    );
    return { traceId, answer };
  }

  async close(): Promise<void> {
    await this.requester.close();
    await this.transport.close();
  }
}
