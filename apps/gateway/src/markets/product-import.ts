import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import {
  MARKET_LIMITS, MARKET_MESSAGES, NewProduct, type ImportLine, type ImportProducts, type ImportProgress, type ImportReply,
} from '@aisle/contracts';
import { InvalidInput, parseStrictJson } from '@aisle/platform';
import { Failure, isFailure, sleep, type FailureKind, type Runtime } from '@aisle/std';
import type { CommandClient } from '../commands/command-client.ts';
import { BodyTooLarge, NDJSON, linesOf, type TextLine } from './ndjson.ts';

/** Whoever imports sends lines. */
export class ImportBodyMissing extends Failure {
  readonly kind = 'invalid';
  readonly code = 'import.body_missing';
  constructor() {
    super(`the body must be ${NDJSON}: a product a line`);
  }
}

/** Each import holds its body in memory until it is dealt with. */
export class ImportsBusy extends Failure {
  readonly kind = 'throttled';
  readonly code = 'import.busy';
  constructor(importsMax: number) {
    super('other imports are under way here', { importsMax, retryAfterMs: 5_000 });
  }
}

class ImportTooLarge extends Failure {
  readonly kind = 'invalid';
  readonly code = 'import.too_large';
  constructor() {
    super('an import is no larger than that; send the rest in another one', {
      bytesMax: MARKET_LIMITS.importBytes, linesMax: MARKET_LIMITS.importLines,
    });
  }
}

class LineTooLong extends Failure {
  readonly kind = 'invalid';
  readonly code = 'import.line_too_long';
  constructor() {
    super('the line is longer than a product may be', { bytesMax: MARKET_LIMITS.importLineBytes });
  }
}

/** An import, and who waits for it. */
export interface ProductImportOptions {
  readonly commands: Pick<CommandClient, 'send'>;
  readonly runtime: Runtime;
  readonly market: string;
  /** The ids of its commands follow from it. */
  readonly key: string;
  readonly traceparent: string;
  readonly reply: FastifyReply;
}

const LINES_PER_COMMAND = 500;
const CHARS_PER_COMMAND = 128 * 1_024;
/** What was not done, or perhaps: the same command finds out. */
const AGAIN: ReadonlySet<string> = new Set<FailureKind>(['unavailable', 'throttled', 'unknown']);
const ATTEMPTS_MAX = 5;
const PAUSE_MS = 500;

type Counts = Extract<ImportProgress, { type: 'progress' | 'done' }>;

/** One import: its lines, in commands to the market one after another, and what is answered meanwhile. */
export class ProductImport {
  private readonly counts = { lines: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
  private part: ImportLine[] = [];
  private partChars = 0;
  private hasAnswered = false;

  constructor(private readonly options: ProductImportOptions) {}

  /** Throws what the first part failed with; what comes later is told in the answer, which has begun by then. */
  async run(body: Readable): Promise<void> {
    try {
      await this.takeAll(body);
      this.tell({ type: 'done', ...this.counts } satisfies Counts);
    } catch (thrown) {
      const failure = thrown instanceof BodyTooLarge ? new ImportTooLarge() : thrown;
      if (!this.hasAnswered) throw failure;
      // The client is gone, or what it is told ends here.
      const { code, message } = isFailure(failure) ? failure : { code: 'internal', message: 'something went wrong here' };
      this.tell({ type: 'failed', code, message, lines: this.counts.lines });
    }
    this.options.reply.raw.end();
  }

  private async takeAll(body: Readable): Promise<void> {
    const { importLineBytes: lineBytesMax, importBytes: bytesMax, importLines } = MARKET_LIMITS;
    let last = 0;
    for await (const line of linesOf(body, { lineBytesMax, bytesMax })) {
      if (line.line > importLines) throw new ImportTooLarge();
      last = line.line;
      this.take(line);
      if (this.part.length >= LINES_PER_COMMAND || this.partChars >= CHARS_PER_COMMAND) await this.send(last);
    }
    await this.send(last);
  }

  private take({ line, text }: TextLine): void {
    try {
      if (text === undefined) throw new LineTooLong();
      const parsed = NewProduct.safeParse(parseStrictJson(Buffer.from(text)));
      if (!parsed.success) throw new InvalidInput(parsed.error.issues);
      this.part.push({ line, ...parsed.data });
      this.partChars += text.length;
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
      this.partChars = 0;
    }
    this.counts.lines = upToLine;
    this.tell({ type: 'progress', ...this.counts } satisfies Counts);
  }

  /** Sent again while that is safe and may help: nobody wants to begin anew because a shard has moved. */
  private async ask(body: ImportProducts, firstLine: number): Promise<ImportReply> {
    const { commands, market, key, traceparent, runtime } = this.options;
    // Of one key, so that the same body again finds what is done; of one length, however long the key is.
    const commandId = `import-${createHash('sha256').update(`${key}\0${firstLine}`).digest('base64url')}`;
    const to = { market, actor: market, commandId, traceparent };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await commands.send<ImportReply>(MARKET_MESSAGES.importProducts, to, body);
      } catch (failure) {
        if (attempt >= ATTEMPTS_MAX || !isFailure(failure) || !AGAIN.has(failure.kind)) throw failure;
        await sleep(runtime, PAUSE_MS * attempt);
      }
    }
  }

  private readonly refused: ImportProgress[] = [];

  /** Told with the next progress: until something is done, the whole import may still fail as one. */
  private reject(refused: ImportProgress): void {
    this.counts.rejected += 1;
    this.refused.push(refused);
  }

  private tell(progress: ImportProgress): void {
    const { reply } = this.options;
    if (!this.hasAnswered) {
      this.hasAnswered = true;
      reply.hijack();
      const headers = { ...reply.getHeaders(), 'content-type': `${NDJSON}; charset=utf-8`, 'cache-control': 'no-store' };
      reply.raw.writeHead(200, headers as Record<string, string>);
    }
    const lines = [...this.refused.splice(0), progress];
    reply.raw.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
}
