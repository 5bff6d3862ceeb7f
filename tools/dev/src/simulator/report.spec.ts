import type { Basket, Operation } from '@aisle/contracts';
import { Ledger, type Deed, type Entry } from './ledger.ts';
import { judge, reportLines } from './report.ts';
import type { Seen } from './shop-client.ts';

const NOW = '2026-11-21T03:00:00.000Z';

describe('the invariant report', () => {
  it('accepts a basket that equals the result of its commands', async () => {
    const { ledger, seen } = anna();

    expect(await judged(ledger, { anna: seen })).toEqual([]);
    expect(reportLines(ledger, []).at(-1)).toBe('Every invariant holds.');
  });

  it('fails when an acknowledged command is missing in the journal', async () => {
    const { ledger, seen } = anna();
    // The shopper was told so, but the system has no record of it.
    ledger.of('m1', 'anna', 'one').entries.push(acknowledged('k4', change(add('CF1', 1)), 4));

    const violations = await judged(ledger, { anna: seen });

    expect(violations).toEqual([
      { rule: 'kept', basket: 'm1/anna', what: 'k4, acknowledged at version 4, is not in the journal' },
    ]);
    expect(reportLines(ledger, violations)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^✗ every acknowledged command/),
        expect.stringMatching(/^✓ versions go up by one/),
        '1 violations.',
      ]),
    );
  });

  it.each<[what: string, change: (story: Story) => void, rule: string, says: RegExp]>([
    ['a command is there twice', ({ seen }) => void (seen.journal[2] = { ...seen.journal[2]!, commandId: 'k2' }), 'kept', /k2.* at 2 and 3/],
    ['a command is at another version', ({ entries }) => void (entries[2] = acknowledged('k3', change(add('SR1', 1)), 9)), 'kept', /version 9, is in the journal at 3/],
    ['a refused command is there', ({ entries }) => void (entries[2] = { ...entries[2]!, fate: { is: 'refused' } }), 'honest', /k3 was refused/],
    ['there is a command of nobody', ({ entries }) => void entries.pop(), 'honest', /nobody asked for k3/],
    ['a version is missing', ({ seen }) => void seen.journal.splice(1, 1), 'versions', /after version 1 has version 3/],
    ['the basket is behind its journal', ({ seen }) => void (seen.basket.version = 2), 'versions', /at version 2, its journal at 3/],
    ['a writer is answered out of order', ({ entries }) => void entries.reverse(), 'order', /after version 3/],
    ['a line has another quantity', ({ seen }) => void (seen.basket.lines[0]!.quantity = 7), 'replay', /holds 7 GR1.* make 2 GR1/],
    ['the total is off by a penny', ({ seen }) => void (seen.basket.total.amount += 1), 'sums', /the total is 1123, not 1122/],
  ])('fails when %s', async (_what, falsify, rule, says) => {
    const story = anna();
    falsify({ seen: story.seen, entries: story.ledger.of('m1', 'anna', 'one').entries });

    expect(await judged(story.ledger, { anna: story.seen })).toContainEqual({
      rule, basket: 'm1/anna', what: expect.stringMatching(says) as string,
    });
  });

  it('allows a doubtful command to be there once, or not at all', async () => {
    const { ledger, seen } = anna();
    const { entries } = ledger.of('m1', 'anna', 'one');
    entries[2] = { ...entries[2]!, fate: { is: 'doubtful' } };
    entries.push({ key: 'k4', deed: change(add('CF1', 1)), fate: { is: 'doubtful' } });

    expect(await judged(ledger, { anna: seen })).toEqual([]);
  });

  it.each([
    [2, []],
    [1, [{ rule: 'replay', basket: 'm1/user', what: 'version 1 has 1 GR1, its commands make 2' }]],
  ])('holds a merged basket to the lines of the guest: %i taken', async (quantity, violations) => {
    const { ledger, seen } = anna();
    ledger.of('m1', 'user', 'one').entries.push(acknowledged('k5', { does: 'merge', from: 'anna', mode: 'replace' }, 1));
    const guest: Seen = {
      basket: undefined,
      code: 'basket.merged',
      journal: [...seen.journal, { ...step(4, 'sealed'), other: 'user' }, { ...step(5, 'merged'), other: 'user' }],
    };
    const user: Seen = {
      basket: document('user', 1, { GR1: quantity, SR1: 1 }),
      code: '',
      journal: [{ ...step(1, 'absorbed'), commandId: 'k5', other: 'anna', lines: lines({ GR1: quantity, SR1: 1 }) }],
    };

    expect(await judged(ledger, { anna: guest, user })).toEqual(violations);
  });
});

interface Story {
  seen: { basket: Mutable<Basket>; journal: Seen['journal'][number][] };
  entries: Entry[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Opened, then 2 GR1, then 1 SR1. */
function anna() {
  const ledger = new Ledger();
  ledger.of('m1', 'anna', 'one').entries.push(
    acknowledged('k1', { does: 'open' }, 1),
    acknowledged('k2', change(add('GR1', 2)), 2),
    acknowledged('k3', change(add('SR1', 1)), 3),
  );
  const seen = {
    code: '',
    basket: document('anna', 3, { GR1: 2, SR1: 1 }),
    journal: [
      { ...step(1, 'changed'), commandId: 'k1' },
      { ...step(2, 'changed'), commandId: 'k2', lines: lines({ GR1: 2 }) },
      { ...step(3, 'changed'), commandId: 'k3', lines: lines({ SR1: 1 }) },
    ],
  };
  return { ledger, seen };
}

function judged(ledger: Ledger, seen: Record<string, Seen>) {
  return judge(ledger, { see: (_market, basket) => Promise.resolve(seen[basket] as Seen) });
}

function acknowledged(key: string, deed: Deed, version: number): Entry {
  return { key, deed, fate: { is: 'acknowledged', version, written: true } };
}

function change(...operations: Operation[]): Deed {
  return { does: 'change', operations };
}

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}

function step(version: number, type: Seen['journal'][number]['type']): Seen['journal'][number] {
  return { version, type, commandId: `own-${version}`, at: NOW, lines: [], removed: [], total: pounds(0) };
}

function lines(quantities: Record<string, number>): Seen['journal'][number]['lines'] {
  return Object.entries(quantities).map(([sku, quantity]) => ({
    sku, quantity, unitPrice: pounds(311), net: pounds(311 * quantity),
  }));
}

/** Everything costs 311, with a surcharge of 189 on the whole, and all sums are right. */
function document(id: string, version: number, quantities: Record<string, number>): Basket {
  const surcharge = { code: 'surcharge', amount: pounds(189), message: '', strategy: 's', version: '1' };
  const shown = lines(quantities).map(({ sku, quantity, unitPrice, net }) => ({
    sku, name: sku, quantity, unitPrice, gross: net, adjustments: [], net,
  }));
  const netMinor = shown.reduce((sum, { net }) => sum + net.amount, 0);
  return {
    id, version, market: 'm1', lines: shown, adjustments: [surcharge], skipped: [], notices: [],
    total: pounds(netMinor + 189), updatedAt: NOW,
  };
}

function pounds(amount: number): { amount: number; currency: string } {
  return { amount, currency: 'GBP' };
}
