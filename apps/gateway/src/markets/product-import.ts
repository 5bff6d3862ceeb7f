import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import {
  MARKET_LIMITS, NewProduct, ProductProtocol, type ImportLine, type ImportProducts, type ImportProgress, type ImportReply,
} from '@aisle/contracts';
import { InputFailure, parseStrictJson } from '@aisle/platform';
import { isFailure, Pace, sleep, type FailureKind, type Runtime } from '@aisle/std';
import type { CommandClient } from '../commands/command-client.ts';
import type { Caller } from '../routes/caller.ts';
import { ImportAnswer } from './import-answer.ts';
import { ImportFailure } from './import-failures.ts';
import { BodyTooLarge, linesOf, type Line } from './ndjson.ts';

/** An import, and who waits for it. */
export interface ProductImportOptions {
  readonly commands: Pick<CommandClient, 'to'>;
  readonly runtime: Runtime;
  readonly market: string;
  /** The ids of its commands follow from the caller's. */
  readonly caller: Pick<Caller, 'tenant' | 'traceparent' | 'commandId'>;
  readonly reply: FastifyReply;
}

const LINES_PER_COMMAND = 500;
const BYTES_PER_COMMAND = 128 * 1_024;
/** So far apart are two signs of life, and the ends of what one command has of the body. */
const LINES_PER_PROGRESS = 5_000;
/** What was not done, or perhaps: the same command finds out. */
const AGAIN: ReadonlySet<string> = new Set<FailureKind>(['unavailable', 'throttled', 'unknown']);
const ATTEMPTS_MAX = 5;
const PAUSE_MS = 500;
const CARRIAGE_RETURN = 0x0d;

type Counts = Extract<ImportProgress, { type: 'progress' | 'done' }>;

/** One import: its lines, in commands to the market one after another, and what is answered meanwhile. */
export class ProductImport {
  private readonly counts = { lines: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
  private readonly answer: ImportAnswer;
  private readonly pace: Pace;
  private part: ImportLine[] = [];
  private partBytes = 0;
  /** The last line before the part. */
  private partAfter = 0;
  private isEnding = false;

  constructor(private readonly options: ProductImportOptions) {
    this.answer = new ImportAnswer(options.reply, options.runtime);
    this.pace = new Pace(options.runtime);
  }

  /** Throws what the first part failed with; what comes later is told in the answer, which has begun by then. */
  async run(body: Readable): Promise<void> {
    const { answer } = this;
    try {
      await this.takeAll(body);
      await answer.tell(this.counted('done'));
    } catch (thrown) {
      const failure = thrown instanceof BodyTooLarge ? ImportFailure.tooLarge() : thrown;
      if (!answer.hasBegun) throw failure;
      // The client is gone, or what it is told ends here.
      const { code, message } = isFailure(failure) ? failure : { code: 'internal', message: 'something went wrong here' };
      await answer.tell({ type: 'failed', code, message, lines: this.counts.lines });
    }
    answer.end();
  }

  /** Ends the import where it is, with what a client needs to go on. */
  end(): void {
    this.isEnding = true;
  }

  private async takeAll(body: Readable): Promise<void> {
    const { importLineBytes: lineBytesMax, importLines: linesMax } = MARKET_LIMITS;
    let last = 0;
    for await (const line of linesOf(body, { lineBytesMax, linesMax }, this.pace)) {
      if (this.isEnding) throw ImportFailure.ended();
      last = line.line;
      this.take(line);
      const isWhole = this.part.length >= LINES_PER_COMMAND || this.partBytes >= BYTES_PER_COMMAND;
      if (isWhole || last - this.partAfter >= LINES_PER_PROGRESS) await this.send(last);
      if (this.answer.isFull) await this.answer.tell();
      if (this.pace.isOver) await this.pace.rest();
    }
    await this.send(last);
  }

  private take({ line, bytes }: Line): void {
    try {
      const parsed = NewProduct.safeParse(parseStrictJson(jsonOf(bytes)));
      if (parsed.success) {
        this.part.push({ line, ...parsed.data });
        this.partBytes += bytes?.length ?? 0;
      } else {
        if (!this.answer.tellsReasons) return this.reject();
        throw InputFailure.invalid(parsed.error.issues);
      }
    } catch (refusal) {
      if (!isFailure(refusal)) throw refusal;
      const { code, message, details } = refusal;
      const errors = details['errors'] as { path: string; message: string }[] | undefined;
      this.reject({ type: 'rejected', line, code, message, ...(errors ? { errors } : {}) });
    }
  }

  /** Sends what has gathered, up to that line, and tells how far it is. */
  private async send(upToLine: number): Promise<void> {
    const [first] = this.part;
    if (first) {
      const { created, updated, unchanged, rejected } = await this.ask({ lines: this.part }, first.line);
      this.counts.created += created;
      this.counts.updated += updated;
      this.counts.unchanged += unchanged;
      for (const { line, sku, code, message } of rejected) this.reject({ type: 'rejected', line, sku, code, message });
      this.part = [];
      this.partBytes = 0;
    }
    this.partAfter = upToLine;
    this.counts.lines = upToLine;
    await this.answer.tell(this.counted('progress'));
  }

  /** Sent again while that is safe and may help: nobody wants to begin anew because a shard has moved. */
  private async ask(body: ImportProducts, firstLine: number): Promise<ImportReply> {
    const { commands, market, caller: { tenant, traceparent, commandId: key }, runtime } = this.options;
    // Of one key, so that the same body again finds what is done; of one length, however long the key is.
    const commandId = `import-${createHash('sha256').update(`${key}\0${firstLine}`).digest('base64url')}`;
    const products = commands.to(ProductProtocol, { market }, { tenant, commandId, traceparent });
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await products.import(body);
      } catch (failure) {
        if (attempt >= ATTEMPTS_MAX || !isFailure(failure) || !AGAIN.has(failure.kind)) throw failure;
        await sleep(runtime, PAUSE_MS * attempt);
      }
    }
  }

  private reject(refused?: Extract<ImportProgress, { type: 'rejected' }>): void {
    this.counts.rejected += 1;
    this.answer.reject(refused);
  }

  private counted(type: Counts['type']): Counts {
    const { untold } = this.answer;
    return { type, ...this.counts, ...(untold > 0 ? { untold } : {}) };
  }
}

/** The JSON of a line, without what ends it. */
function jsonOf(bytes: Buffer | undefined): Buffer {
  if (bytes === undefined) throw ImportFailure.lineTooLong();
  const json = bytes.subarray(0, bytes.at(-1) === CARRIAGE_RETURN ? -1 : undefined);
  if (json.includes(CARRIAGE_RETURN)) throw ImportFailure.lineEnd();
  return json;
}
