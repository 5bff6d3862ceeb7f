import type { FastifyReply } from 'fastify';
import { MARKET_LIMITS, type ImportProgress } from '@aisle/contracts';
import type { Runtime } from '@aisle/std';
import { NDJSON } from './ndjson.ts';

type Rejected = Extract<ImportProgress, { type: 'rejected' }>;

/** Refusals that may wait for the next progress line. */
const WAITING_MAX = 100;
/** A client that reads nothing for this long counts as gone. */
const STALLED_MS = 30_000;

/** Streams the response to an import as NDJSON lines, no faster than the client reads them. */
export class ImportResponse {
  private readonly waiting: Rejected[] = [];
  private refusals = 0;
  private isGone = false;

  constructor(
    private readonly reply: FastifyReply,
    private readonly runtime: Runtime,
  ) {}

  /** Whether the head has been sent. From then on, a failure becomes a line. */
  hasBegun = false;

  /** Whether the next refusal gets a line of its own, or is only counted. */
  get listsRefusals(): boolean {
    return this.refusals < MARKET_LIMITS.importRefusalsListed;
  }

  /** The number of refusals without a line of their own. */
  get untold(): number {
    return Math.max(0, this.refusals - MARKET_LIMITS.importRefusalsListed);
  }

  /** Whether enough refusals wait to write them now. */
  get isFull(): boolean {
    return this.waiting.length >= WAITING_MAX;
  }

  /** Counts a refusal. If it gets a line of its own, the line waits for the next `write`. */
  reject(refused?: Rejected): void {
    if (refused && this.listsRefusals) this.waiting.push(refused);
    this.refusals += 1;
  }

  /** Writes the waiting refusals, and `progress` after them. Resolves once the client is ready for more, or is gone. */
  async write(...progress: ImportProgress[]): Promise<void> {
    const { raw } = this.reply;
    this.begin();
    const lines = [...this.waiting.splice(0), ...progress];
    if (this.isGone || raw.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))) return;
    await new Promise<void>((resolve) => {
      const settle = (isGone: boolean): void => {
        stalled.cancel();
        raw.off('drain', onDrain).off('close', onGone);
        this.isGone = isGone;
        resolve();
      };
      const onDrain = (): void => settle(false);
      const onGone = (): void => settle(true);
      const stalled = this.runtime.timers.after(STALLED_MS, onGone);
      raw.once('drain', onDrain).once('close', onGone);
    });
  }

  end(): void {
    this.reply.raw.end();
  }

  private begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.reply.hijack();
    const headers = { ...this.reply.getHeaders(), 'content-type': `${NDJSON}; charset=utf-8`, 'cache-control': 'no-store' };
    this.reply.raw.once('close', () => (this.isGone = true));
    this.reply.raw.writeHead(200, headers as Record<string, string>);
  }
}
