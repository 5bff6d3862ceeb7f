import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ImportProducts, ImportReply } from '@aisle/contracts';
import { RemoteFailure, type FailureKind } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { ProductImport } from './product-import.ts';

type Told = Record<string, unknown>;

describe('ProductImport', () => {
  it('sends lines in commands, one after another, and tells how far it is', async () => {
    const market = new Market();

    const told = await importing(market, products(1_200));

    expect(market.asked.map(({ lines }) => lines.length)).toEqual([500, 500, 200]);
    expect(told).toEqual([
      { type: 'progress', lines: 500, created: 500, updated: 0, unchanged: 0, rejected: 0 },
      { type: 'progress', lines: 1_000, created: 1_000, updated: 0, unchanged: 0, rejected: 0 },
      { type: 'progress', lines: 1_200, created: 1_200, updated: 0, unchanged: 0, rejected: 0 },
      { type: 'done', lines: 1_200, created: 1_200, updated: 0, unchanged: 0, rejected: 0 },
    ]);
  });

  it('sends the same commands when the same body comes again under its key', async () => {
    const [first, again, other] = [new Market(), new Market(), new Market()];

    await importing(first, products(700), 'key');
    await importing(again, products(700), 'key');
    await importing(other, products(700), 'another key');

    expect(again.ids).toEqual(first.ids);
    expect(other.ids).not.toEqual(first.ids);
  });

  it.each(['unavailable', 'throttled', 'unknown'] as const)('tries again what is %s, under the same id', async (kind) => {
    const market = new Market([failure(kind), failure(kind)]);

    const told = await importing(market, products(3));

    expect(new Set(market.ids).size).toBe(1);
    expect(told.at(-1)).toMatchObject({ type: 'done', created: 3 });
  });

  it('fails as a whole when nothing is done yet', async () => {
    const market = new Market([failure('rejected')]);

    await expect(importing(market, products(3))).rejects.toMatchObject({ kind: 'rejected' });
  });

  it('tells up to which line it came when it fails later', async () => {
    const market = new Market([undefined, failure('rejected')]);

    const told = await importing(market, products(700));

    expect(told.at(-1)).toEqual({ type: 'failed', code: 'test.rejected', message: 'rejected', lines: 500 });
  });

  it('tells of an empty body that it is done', async () => {
    expect(await importing(new Market(), '')).toMatchObject([{ type: 'progress', lines: 0 }, { type: 'done', lines: 0 }]);
  });
});

/** Creates whatever it is sent, unless it has failures to answer with first. */
class Market {
  readonly asked: ImportProducts[] = [];
  readonly ids: string[] = [];

  constructor(private readonly failures: (RemoteFailure | undefined)[] = []) {}

  async send<T>(_type: string, { commandId }: { commandId: string }, body: unknown): Promise<T> {
    this.ids.push(commandId);
    const failed = this.failures.shift();
    if (failed) throw failed;
    const { lines } = body as ImportProducts;
    this.asked.push({ lines });
    return { created: lines.length, updated: 0, unchanged: 0, rejected: [] } satisfies ImportReply as T;
  }
}

async function importing(market: Market, body: string, key = 'key'): Promise<Told[]> {
  const runtime = new VirtualRuntime();
  let text = '';
  const raw = { writeHead() {}, write: (part: string) => void (text += part), end() {} };
  const reply = { hijack() {}, getHeaders: () => ({}), raw } as unknown as FastifyReply;
  let isOver = false;
  const run = new ProductImport({ commands: market, runtime, market: 'm1', key, traceparent: '', reply })
    .run(Readable.from([Buffer.from(body)]))
    .finally(() => (isOver = true));
  run.catch(() => undefined);
  while (!isOver) await runtime.advance(100);
  await run;
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Told);
}

function products(count: number): string {
  const price = { amount: 100, currency: 'GBP' };
  return Array.from({ length: count }, (_, n) => `${JSON.stringify({ sku: `p${n}`, name: `Product ${n}`, price })}\n`).join('');
}

function failure(kind: FailureKind): RemoteFailure {
  return new RemoteFailure({ kind, code: `test.${kind}`, message: kind, details: {} });
}
