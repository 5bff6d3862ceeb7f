import { PassThrough, Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ImportProducts, ImportReply } from '@aisle/contracts';
import { RemoteFailure, type FailureDetails, type FailureKind } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import type { CommandClient } from '../commands/command-client.ts';
import type { Caller } from '../routes/caller.ts';
import { ProductImport, type ProductImportOptions as Options } from './product-import.ts';

type ResponseLine = Record<string, unknown>;

const PRICE = { amount: 100, currency: 'GBP' };

describe('ProductImport', () => {
  it('sends lines in commands, one after another, and writes its progress', async () => {
    const market = new Market();

    const lines = await importing(market, products(1_200));

    expect(market.asked.map(({ lines }) => lines.length)).toEqual([500, 500, 200]);
    expect(lines).toEqual([
      { type: 'progress', lines: 500, created: 500, updated: 0, unchanged: 0, rejected: 0 },
      { type: 'progress', lines: 1_000, created: 1_000, updated: 0, unchanged: 0, rejected: 0 },
      { type: 'progress', lines: 1_200, created: 1_200, updated: 0, unchanged: 0, rejected: 0 },
      { type: 'done', lines: 1_200, created: 1_200, updated: 0, unchanged: 0, rejected: 0 },
    ]);
  });

  it('sends the same commands when the body is sent again under its key', async () => {
    const [first, again, other] = [new Market(), new Market(), new Market()];

    await importing(first, products(700), 'key');
    await importing(again, products(700), 'key');
    await importing(other, products(700), 'another key');

    expect(again.ids).toEqual(first.ids);
    expect(other.ids).not.toEqual(first.ids);
  });

  it.each(['unavailable', 'throttled', 'unknown'] as const)('retries a command that is %s under the same id', async (kind) => {
    const market = new Market([failure(kind), failure(kind)]);

    const lines = await importing(market, products(3));

    expect(new Set(market.ids).size).toBe(1);
    expect(lines.at(-1)).toMatchObject({ type: 'done', created: 3 });
  });

  it('takes a unit for each line, and waits when there are none', async () => {
    const taken: number[] = [];
    const market = new Market();
    const allowance = {
      take(units: number): undefined {
        taken.push(units);
        if (taken.length === 2) throw failure('throttled', { retryAfterMs: 7_000 });
      },
    };

    const lines = await importing(market, products(700), 'key', allowance);

    expect(taken).toEqual([500, 200, 200]);
    expect(lines.at(-1)).toMatchObject({ type: 'done', created: 700 });
  });

  it('throws the failure of the first command', async () => {
    const market = new Market([failure('rejected')]);

    await expect(importing(market, products(3))).rejects.toMatchObject({ kind: 'rejected' });
  });

  it('ends with the number of finished lines when a later command fails', async () => {
    const market = new Market([undefined, failure('rejected')]);

    const lines = await importing(market, products(700));

    expect(lines.at(-1)).toEqual({ type: 'failed', code: 'test.rejected', message: 'rejected', lines: 500 });
  });

  it('is done at once with an empty body', async () => {
    expect(await importing(new Market(), '')).toMatchObject([{ type: 'progress', lines: 0 }, { type: 'done', lines: 0 }]);
  });

  it.each([
    ['a byte order mark before the first line', Buffer.from(`\ufeff${products(2)}`), 2],
    ['only a byte order mark', Buffer.from('\ufeff'), 0],
    ['CRLF', Buffer.from(products(2).replaceAll('\n', '\r\n')), 2],
    ['no newline at the end', Buffer.from(products(2).trimEnd()), 2],
  ])('accepts a file with %s', async (_what, body, created) => {
    const lines = await importing(new Market(), body);

    expect(lines.at(-1)).toMatchObject({ type: 'done', created, rejected: 0 });
  });

  it.each([
    ['a byte order mark in the middle', Buffer.from(`${products(1)}\ufeff${products(1)}`), 2, 'json.byte_order_mark'],
    ['lines that end with CR', Buffer.from(products(2).replaceAll('\n', '\r')), 1, 'import.line_end'],
    ['bytes that are not UTF-8', Buffer.from('{"name":"caf\xe9"}', 'latin1'), 1, 'json.not_utf8'],
    ['U+0000', Buffer.from('{"name":"a\\u0000"}'), 1, 'json.text_unstorable'],
    ['a price that no double holds', Buffer.from('{"price":{"amount":9007199254740993}}'), 1, 'json.number_inexact'],
    ['a day of the year 0', Buffer.from(`${JSON.stringify({ name: 'a', price: PRICE, expiresOn: '0000-01-01' })}`), 1, 'input.invalid'],
  ])('names the line of %s', async (_what, body, line, code) => {
    expect((await importing(new Market(), body))[0]).toMatchObject({ type: 'rejected', line, code });
  });

  it('lists a thousand refusals, and counts the rest', async () => {
    const lines = await importing(new Market(), `${'{}\n'.repeat(12_000)}${products(1)}`);

    expect(lines.filter(({ type }) => type === 'rejected')).toHaveLength(1_000);
    expect(lines.filter(({ type }) => type === 'progress').map(({ lines }) => lines)).toEqual([5_000, 10_000, 12_001]);
    expect(lines.at(-1)).toEqual({
      type: 'done', lines: 12_001, created: 1, updated: 0, unchanged: 0, rejected: 12_000, untold: 11_000,
    });
  });

  it('waits for a client that does not read, for a limited time', async () => {
    const { reply, raw } = answer({ highWaterMark: 1 });
    const runtime = new VirtualRuntime();
    const market = new Market();

    const run = start(market, products(1_200), { runtime, reply });
    await runtime.advance(20_000);
    const asked = market.asked.length;
    await runtime.advance(20_000);
    await run;

    expect(asked).toBe(1);
    expect(market.asked).toHaveLength(3);
    expect(linesIn(String(raw.read()))).toMatchObject([{ type: 'progress', lines: 500 }]);
  });

  it('rests after each slice of work', async () => {
    const runtime = new VirtualRuntime();
    let nowMs = 0;
    let rests = 0;
    // On this clock, each line takes a millisecond.
    const clock = { ...runtime.clock, monotonicMs: () => (nowMs += 1) };
    const timers = { ...runtime.timers, after: (delayMs: number, run: () => void) => ((rests += 1), runtime.timers.after(delayMs, run)) };

    await ending(runtime, start(new Market(), '{}\n'.repeat(400), { runtime: { random: runtime.random, defer: (run) => runtime.defer(run), clock, timers }, reply: answer().reply }));

    expect(rests).toBeGreaterThanOrEqual(400);
  });
});

/** A market that creates all products, after answering with the given failures. */
class Market {
  readonly asked: ImportProducts[] = [];
  readonly ids: string[] = [];

  constructor(private readonly failures: (RemoteFailure | undefined)[] = []) {}

  async take(id: string, { lines }: ImportProducts): Promise<ImportReply> {
    this.ids.push(id);
    const failed = this.failures.shift();
    if (failed) throw failed;
    this.asked.push({ lines });
    return { created: lines.length, updated: 0, unchanged: 0, rejected: [] };
  }
}

async function importing(market: Market, body: string | Buffer, key = 'key', allowance?: Options['allowance']): Promise<ResponseLine[]> {
  const runtime = new VirtualRuntime();
  const { reply, raw } = answer({ highWaterMark: 1_000_000 });
  await ending(runtime, start(market, body, { runtime, reply, allowance }, key));
  return linesIn(String(raw.read()));
}

function start(
  market: Market, body: string | Buffer, options: Pick<Options, 'runtime' | 'reply' | 'allowance'>, commandId = 'key',
): Promise<void> {
  const commands = { to: (_protocol: object, _key: object, { commandId }: Caller) => ({ import: (body: ImportProducts) => market.take(commandId, body) }) };
  return new ProductImport({ commands: commands as unknown as Pick<CommandClient, 'to'>, market: 'm1', caller: { tenant: 'default', by: 'admin', commandId, traceparent: '' }, ...options }).run(Readable.from([Buffer.from(body)]));
}

async function ending(runtime: VirtualRuntime, started: Promise<void>): Promise<void> {
  let isOver = false;
  const ended = started.finally(() => (isOver = true));
  ended.catch(() => undefined);
  while (!isOver) await runtime.advance(100);
  await ended;
}

/** The reply of an import, which is not read until the end. */
function answer(options: { highWaterMark?: number } = {}): { reply: FastifyReply; raw: PassThrough } {
  const raw = Object.assign(new PassThrough(options), { writeHead() {} });
  return { reply: { hijack() {}, getHeaders: () => ({}), raw } as unknown as FastifyReply, raw };
}

function linesIn(text: string): ResponseLine[] {
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as ResponseLine);
}

function products(count: number): string {
  return Array.from({ length: count }, (_, n) => `${JSON.stringify({ sku: `p${n}`, name: `Product ${n}`, price: PRICE })}\n`).join('');
}

function failure(kind: FailureKind, details: FailureDetails = {}): RemoteFailure {
  return new RemoteFailure({ kind, code: `test.${kind}`, message: kind, details });
}
