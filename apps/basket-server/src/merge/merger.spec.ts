import { LIMITS, type MergeMode, type Operation } from '@aisle/contracts';
import type { JournalTail } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { systemRuntime } from '@aisle/std';
import { basketView } from '../basket/basket-view.ts';
import { BareBaskets, addressed, aheadOf, quantitiesIn } from '../testing/bare-baskets.ts';
import { Merger, type Absorb } from './merger.ts';
import { Merges } from './merges.ts';

const GUEST = addressed('guest');
const CALL = { deadlineMs: Infinity, traceparent: '' };

describe('Merger', () => {
  it.each<[mode: MergeMode, merged: Record<string, number>]>([
    ['sum', { GR1: 5, SR1: 1, CF1: 1 }],
    ['max', { GR1: 3, SR1: 1, CF1: 1 }],
    ['replace', { GR1: 3, CF1: 1 }],
  ])('merges by %s at present prices, and closes the guest', async (mode, merged) => {
    const { baskets, merge } = await shop({ user: [add('GR1', 2), add('SR1', 1)], guest: [add('GR1', 3), add('CF1', 1)] });

    const reply = await merge('m-1', 'user', mode);

    expect(quantitiesIn(reply)).toEqual(merged);
    expect(await baskets.quantities('user')).toEqual(merged);
    expect(JSON.parse(reply.json)).toMatchObject({ id: 'user', version: 2 });
    expect(await baskets.state('guest')).toMatchObject({ standing: { is: 'merged', into: 'user' }, totalMinor: 0 });
  });

  it('creates the other basket if it does not exist', async () => {
    const { merge } = await shop({ guest: [add('GR1', 2)] });

    expect(quantitiesIn(await merge('m-1', 'user', 'sum'))).toEqual({ GR1: 2 });
  });

  it('answers a repeated merge with its first answer, and applies it once', async () => {
    const { baskets, merge } = await shop({ user: [add('GR1', 1)], guest: [add('GR1', 1)] });

    const first = await merge('m-1', 'user', 'sum');
    await baskets.apply('user', [add('SR1', 1)]);
    const again = await merge('m-1', 'user', 'sum');

    expect(again).toEqual({ ...first, replayed: true });
    expect(await baskets.quantities('user')).toEqual({ GR1: 2, SR1: 1 });
  });

  it('applies one of many simultaneous copies of a merge', async () => {
    const { baskets, merge } = await shop({ user: [add('GR1', 1)], guest: [add('GR1', 1)] });

    const replies = await Promise.all(Array.from({ length: 20 }, () => merge('m-1', 'user', 'sum')));

    expect(replies.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await baskets.quantities('user')).toEqual({ GR1: 2 });
  });

  it.each<[what: string, key: string, into: string, mode: MergeMode, code: string]>([
    ['another key', 'm-2', 'user', 'sum', 'basket.merged'],
    ['another basket', 'm-1', 'other', 'sum', 'basket.merged'],
    ['the same key in another mode', 'm-1', 'user', 'max', 'idempotency.mismatch'],
  ])('refuses a second merge of a guest: %s', async (_what, key, into, mode, code) => {
    const { baskets, merge } = await shop({ guest: [add('GR1', 1)] });
    await merge('m-1', 'user', 'sum');

    await expect(merge(key, into, mode)).rejects.toMatchObject({ code });

    expect(await baskets.quantities('user')).toEqual({ GR1: 1 });
  });

  it('refuses to merge a basket into itself', async () => {
    const { merge } = await shop({ guest: [add('GR1', 1)] });

    await expect(merge('m-1', 'guest', 'sum')).rejects.toMatchObject({ kind: 'rejected' });
  });

  it('refuses a guest that does not exist', async () => {
    const { merge } = await shop({ user: [add('GR1', 1)] });

    await expect(merge('m-1', 'user', 'sum')).rejects.toMatchObject({ kind: 'missing', code: 'basket.missing' });
  });

  it.each<[what: string, user: Operation[], ifMatch: number | undefined, code: string]>([
    ['a line would have too many units', [set('GR1', LIMITS.unitsPerLine)], undefined, 'basket.line_full'],
    ['it has another version', [add('GR1', 1)], 7, 'basket.version_mismatch'],
  ])('leaves both baskets unchanged when the other one declines: %s', async (_what, user, ifMatch, code) => {
    const { baskets, merge } = await shop({ user, guest: [add('GR1', 1), add('SR1', 1)] });

    await expect(merge('m-1', 'user', 'sum', ifMatch)).rejects.toMatchObject({ code });

    expect(await baskets.quantities('guest')).toEqual({ GR1: 1, SR1: 1 });
    expect(quantitiesIn(await baskets.apply('guest', [add('SR1', 1)]))).toEqual({ GR1: 1, SR1: 2 });
    expect(Object.keys(await baskets.quantities('user'))).toEqual(['GR1']);
  });

  it('never absorbs declined lines, even if a copy of the request comes late', async () => {
    const { baskets, merge, absorb } = await shop({ user: [set('GR1', LIMITS.unitsPerLine)], guest: [add('GR1', 1)] });
    await expect(merge('m-1', 'user', 'sum')).rejects.toMatchObject({ code: 'basket.line_full' });
    await baskets.apply('user', [{ op: 'clear' }]);

    const late = await absorb(addressed('user'), 'm-1', { from: 'guest', mode: 'sum', lines: [{ sku: 'GR1', quantity: 1 }] }, CALL);

    expect(late.declined).toMatchObject({ kind: 'rejected', code: 'basket.line_full' });
    expect(await baskets.quantities('user')).toEqual({});
  });

  it('creates no basket by a decline', async () => {
    const { baskets, merge } = await shop({ guest: [add('GR1', 1)] });

    await expect(merge('m-1', 'user', 'sum', 4)).rejects.toMatchObject({ code: 'basket.version_mismatch' });

    expect(await baskets.state('user')).toMatchObject({ standing: { is: 'unmade' } });
    expect(quantitiesIn(await baskets.apply('user', [add('SR1', 1)]))).toEqual({ SR1: 1 });
  });

  it('reopens the guest if the key belongs to another command', async () => {
    const { baskets, merge } = await shop({ guest: [add('GR1', 1)] });
    await baskets.apply('user', [add('SR1', 1)], 'm-1');

    await expect(merge('m-1', 'user', 'sum')).rejects.toMatchObject({ code: 'idempotency.mismatch' });

    expect(await baskets.state('guest')).toMatchObject({ standing: { is: 'open' } });
  });

  it('refuses changes of a sealed basket, and shows it', async () => {
    const { baskets, merge } = await shop({ guest: [add('GR1', 1)] }, () => Promise.reject(new Error('cut off')));
    await expect(merge('m-1', 'user', 'sum')).rejects.toThrow('cut off');

    await expect(baskets.apply('guest', [add('GR1', 1)])).rejects.toMatchObject({ kind: 'unavailable', code: 'basket.sealed' });
    await expect(merge('m-2', 'other', 'sum')).rejects.toMatchObject({ code: 'basket.sealed' });
    const { lines, ...shown } = basketView('guest', 'm1', 'GBP', await baskets.state('guest'));
    expect([shown.mergingInto, lines.map(({ sku }) => sku)]).toEqual(['user', ['GR1']]);
  });

  it('declines one of two merges that would deadlock', async () => {
    const { baskets, merger } = await shop({ guest: [add('GR1', 1)], user: [add('SR1', 1)] });

    const [there, back] = await Promise.allSettled([
      merger.merge(GUEST, { mergeId: 'm-1', into: 'user', mode: 'sum' }, CALL),
      merger.merge(addressed('user'), { mergeId: 'm-2', into: 'guest', mode: 'sum' }, CALL),
    ]);

    expect([there.status, back.status]).toContain('rejected');
    const [guest, user] = [await baskets.quantities('guest'), await baskets.quantities('user')];
    expect({ ...guest, ...user }).toEqual({ GR1: 1, SR1: 1 });
    expect(Object.keys(guest).length + Object.keys(user).length).toBe(2);
  });
});

describe('Merges', () => {
  it.each([
    ['right after the seal', 'seal'],
    ['after the other basket took the lines', 'absorb'],
    ['before the answer', 'close'],
  ])('finishes a merge whose server crashed %s', async (_when, last) => {
    const memory = new MemoryJournal(systemRuntime);
    const runtime = aheadOf(systemRuntime);
    const crashed = await crash(memory, last);
    const baskets = new BareBaskets(memory, 'node-2', runtime);
    const merges = mergesOf(baskets, runtime);

    await merges.pass();
    expect(await baskets.quantities('guest')).toEqual(last === 'close' ? {} : crashed);
    runtime.clock.aheadMs = 10_000;
    await merges.pass();

    expect(await baskets.state('guest')).toMatchObject({ standing: { is: 'merged', into: 'user' } });
    expect(await baskets.quantities('user')).toEqual({ GR1: 3 });
  });

  it('remembers its position, and retries merges that it could not finish', async () => {
    const memory = new MemoryJournal(systemRuntime);
    const runtime = aheadOf(systemRuntime);
    await crash(memory, 'seal');
    runtime.clock.aheadMs = 10_000;
    const baskets = new BareBaskets(memory, 'node-2', runtime);

    const failures: unknown[] = [];
    const cutOff = mergesOf(baskets, runtime, { failures, absorb: () => Promise.reject(new Error('cut off')) });
    await cutOff.pass();
    await cutOff.stop();
    expect(failures).toHaveLength(1);
    const [checkpoint] = await baskets.journal.checkpoints('merges');
    const next = mergesOf(baskets, runtime);
    await next.pass();
    await next.stop();

    expect(await baskets.quantities('user')).toEqual({ GR1: 3 });
    const [after] = await baskets.journal.checkpoints('merges');
    expect(after?.pos).toBeGreaterThan(checkpoint?.pos ?? 0);
    expect(await baskets.journal.readAfter([{ shard: 7, pos: after?.pos ?? 0 }], 10)).toHaveLength(2);
  });
});

/** Ends a server right after a step of a merge. Returns the guest's lines at that moment. */
async function crash(memory: MemoryJournal, last: string): Promise<Record<string, number>> {
  const { baskets, absorb } = await shop({ user: [add('GR1', 1)], guest: [add('GR1', 2)] }, undefined, memory);
  const dead = (step: string | undefined): void => {
    if (step === last) throw new Error('crashed');
  };
  const merger = new Merger({
    prices: baskets.prices,
    absorb: async (...request) => {
      const reply = await absorb(...request);
      dead('absorb');
      return reply;
    },
    baskets: {
      change: async (address, command) => {
        const reply = await baskets.change(address, command);
        dead(command.step?.kind);
        return reply;
      },
    },
  });
  await expect(merger.merge(GUEST, { mergeId: 'm-1', into: 'user', mode: 'sum' }, CALL)).rejects.toThrow('crashed');
  return baskets.quantities('guest');
}

function mergesOf(
  baskets: BareBaskets,
  runtime: typeof systemRuntime,
  { failures = [], absorb = baskets.absorb }: { failures?: unknown[]; absorb?: Absorb } = {},
): JournalTail {
  const merges = new Merges({
    journal: baskets.journal,
    merger: new Merger({ baskets, prices: baskets.prices, absorb }),
    runtime,
  });
  return baskets.tailFor(merges, failures);
}

async function shop(
  held: Record<string, Operation[]>,
  absorb?: Absorb,
  memory = new MemoryJournal(systemRuntime),
) {
  const baskets = new BareBaskets(memory, 'node-1', systemRuntime);
  for (const [basket, operations] of Object.entries(held)) await baskets.apply(basket, operations);
  const absorbing = absorb ?? baskets.absorb;
  const merger = new Merger({ baskets, prices: baskets.prices, absorb: absorbing });
  return {
    baskets,
    merger,
    absorb: absorbing,
    merge: (mergeId: string, into: string, mode: MergeMode, ifMatch?: number) =>
      merger.merge(GUEST, { mergeId, into, mode, ifMatch }, CALL),
  };
}

function set(sku: string, quantity: number): Operation {
  return { op: 'set', sku, quantity };
}

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}
