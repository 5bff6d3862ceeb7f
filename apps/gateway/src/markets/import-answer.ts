import type { FastifyReply } from 'fastify';
import { MARKET_LIMITS, type ImportProgress } from '@aisle/contracts';
import type { Runtime } from '@aisle/std';
import { NDJSON } from './ndjson.ts';

type Rejected = Extract<ImportProgress, { type: 'rejected' }>;

/** Refusals that are told without waiting for the next progress. */
const WAITING_MAX = 100;
/** A client that reads nothing for so long is not waited for any more. */
const STALLED_MS = 30_000;

/** The answer to an import: lines, as they come, and no faster than the client reads them. */
export class ImportAnswer {
  private readonly waiting: Rejected[] = [];
  private refusals = 0;
  private isDeaf = false;

  constructor(
    private readonly reply: FastifyReply,
    private readonly runtime: Runtime,
  ) {}

  /** The head is sent: from now on a failure is a line. */
  hasBegun = false;

  /** Whether the next refusal is told with its reasons, or only counted. */
  get tellsReasons(): boolean {
    return this.refusals < MARKET_LIMITS.importRefusalsTold;
  }

  /** So many refusals are not told one by one. */
  get untold(): number {
    return Math.max(0, this.refusals - MARKET_LIMITS.importRefusalsTold);
  }

  /** Enough has gathered to be told now. */
  get isFull(): boolean {
    return this.waiting.length >= WAITING_MAX;
  }

  /** Keeps a refusal until something is told; without one, counts it. */
  reject(refused?: Rejected): void {
    if (refused && this.tellsReasons) this.waiting.push(refused);
    this.refusals += 1;
  }

  /** Sends what has gathered, and `progress` after it. Resolves once the client has room for more. */
  async tell(...progress: ImportProgress[]): Promise<void> {
    const { raw } = this.reply;
    this.begin();
    const lines = [...this.waiting.splice(0), ...progress];
    if (this.isDeaf || raw.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))) return;
    await new Promise<void>((resolve) => {
      const goOn = (isDeaf: boolean): void => {
        stalled.cancel();
        raw.off('drain', drained).off('close', gone);
        this.isDeaf = isDeaf;
        resolve();
      };
      const drained = (): void => goOn(false);
      const gone = (): void => goOn(true);
      const stalled = this.runtime.timers.after(STALLED_MS, gone);
      raw.once('drain', drained).once('close', gone);
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
    this.reply.raw.once('close', () => (this.isDeaf = true));
    this.reply.raw.writeHead(200, headers as Record<string, string>);
  }
}
