import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import {
  MARKET_LIMITS, NewProduct, ProductProtocol, type ImportLine, type ImportProducts, type ImportProgress, type ImportReply,
} from '@aisle/contracts';
import { InputFailure, parseStrictJson } from '@aisle/platform';
import { isFailure, Pace, sleep, type FailureKind, type Runtime } from '@aisle/std';
import type { CommandClient } from '../commands/command-client.ts';
import type { Allowance } from '../rates/allowance.ts';
import type { Caller } from '../routes/caller.ts';
import { ImportFailure } from './import-failures.ts';
import { ImportResponse } from './import-response.ts';
import { BodyTooLarge, linesOf, type NdjsonLine } from './ndjson.ts';

/** The market, caller and reply of an import. */
export interface ProductImportOptions {
  readonly commands: Pick<CommandClient, 'to'>;
  readonly runtime: Runtime;
  readonly market: string;
  /** The import derives the ids of its commands from the caller's command id. */
  readonly caller: Pick<Caller, 'tenant' | 'by' | 'commandId' | 'traceparent'>;
  readonly reply: FastifyReply;
  /** The units of the principal, of which each line takes one. Absent without a limit. */
  readonly allowance?: Pick<Allowance, 'take'> | undefined;
}

const LINES_PER_COMMAND = 500;
const BYTES_PER_COMMAND = 128 * 1_024;
/** The most lines of the body between two progress lines, and in one command. */
const LINES_PER_PROGRESS = 5_000;
/** Kinds of failures after which the command was not applied, or may not have been. Sending it again is safe. */
const RETRYABLE: ReadonlySet<string> = new Set<FailureKind>(['unavailable', 'throttled', 'unknown']);
const ATTEMPTS_MAX = 5;
const PAUSE_MS = 500;
const CARRIAGE_RETURN = 0x0d;

type Counts = Extract<ImportProgress, { type: 'progress' | 'done' }>;

/** Runs one import: sends its lines in commands to the market, one command after another, and streams the response. */
export class ProductImport {
  private readonly counts = { lines: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
  private readonly response: ImportResponse;
  private readonly pace: Pace;
  private part: ImportLine[] = [];
  private partBytes = 0;
  /** The number of the last line before `part`. */
  private partAfter = 0;
  private isEnding = false;

  constructor(private readonly options: ProductImportOptions) {
    this.response = new ImportResponse(options.reply, options.runtime);
    this.pace = new Pace(options.runtime);
  }

  /** Throws the failure of the first command. A later failure becomes the last line of the response, which has begun by then. */
  async run(body: Readable): Promise<void> {
    const { response } = this;
    try {
      await this.takeAll(body);
      await response.write(this.counted('done'));
    } catch (thrown) {
      const failure = thrown instanceof BodyTooLarge ? ImportFailure.tooLarge() : thrown;
      if (!response.hasBegun) throw failure;
      const { code, message } = isFailure(failure) ? failure : { code: 'internal', message: 'something went wrong here' };
      await response.write({ type: 'failed', code, message, lines: this.counts.lines });
    }
    response.end();
  }

  /** Ends the import at the next line, with a failure that tells the client how to continue. */
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
      if (this.response.isFull) await this.response.write();
      if (this.pace.isOver) await this.pace.rest();
    }
    await this.send(last);
  }

  private take({ line, bytes }: NdjsonLine): void {
    try {
      const parsed = NewProduct.safeParse(parseStrictJson(jsonOf(bytes)));
      if (parsed.success) {
        this.part.push({ line, ...parsed.data });
        this.partBytes += bytes?.length ?? 0;
      } else {
        if (!this.response.listsRefusals) return this.reject();
        throw InputFailure.invalid(parsed.error.issues);
      }
    } catch (refusal) {
      if (!isFailure(refusal)) throw refusal;
      const { code, message, details } = refusal;
      const errors = details['errors'] as { path: string; message: string }[] | undefined;
      this.reject({ type: 'rejected', line, code, message, ...(errors ? { errors } : {}) });
    }
  }

  /** Sends the lines gathered up to that line, and writes the progress. */
  private async send(upToLine: number): Promise<void> {
    const [first] = this.part;
    if (first) {
      await this.spend(this.part.length);
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
    await this.response.write(this.counted('progress'));
  }

  /** Takes units, and waits for the next window if this one has no more: a slow import is better than half of one. */
  private async spend(units: number): Promise<void> {
    for (;;) {
      try {
        return await this.options.allowance?.take(units);
      } catch (refusal) {
        if (!isFailure(refusal)) throw refusal;
        await sleep(this.options.runtime, Number(refusal.details['retryAfterMs']));
        if (this.isEnding) throw ImportFailure.ended();
      }
    }
  }

  /** Sends a command, again if that is safe and may help: an import should not fail because a shard has moved. */
  private async ask(body: ImportProducts, firstLine: number): Promise<ImportReply> {
    const { commands, market, caller: { tenant, by, traceparent, commandId: key }, runtime } = this.options;
    // The id follows from the key and the line, so that the same body sent again finds its commands done. The hash bounds its length.
    const commandId = `import-${createHash('sha256').update(`${key}\0${firstLine}`).digest('base64url')}`;
    const products = commands.to(ProductProtocol, { market }, { tenant, by, commandId, traceparent });
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await products.import(body);
      } catch (failure) {
        if (attempt >= ATTEMPTS_MAX || !isFailure(failure) || !RETRYABLE.has(failure.kind)) throw failure;
        await sleep(runtime, PAUSE_MS * attempt);
      }
    }
  }

  private reject(refused?: Extract<ImportProgress, { type: 'rejected' }>): void {
    this.counts.rejected += 1;
    this.response.reject(refused);
  }

  private counted(type: Counts['type']): Counts {
    const { untold } = this.response;
    return { type, ...this.counts, ...(untold > 0 ? { untold } : {}) };
  }
}

/** The JSON of a line, without its carriage return. Throws `import.line_too_long` or `import.line_end`. */
function jsonOf(bytes: Buffer | undefined): Buffer {
  if (bytes === undefined) throw ImportFailure.lineTooLong();
  const json = bytes.subarray(0, bytes.at(-1) === CARRIAGE_RETURN ? -1 : undefined);
  if (json.includes(CARRIAGE_RETURN)) throw ImportFailure.lineEnd();
  return json;
}
