import type { Random } from '@aisle/std';
import { seededRandom } from '@aisle/std/testing';
import { apply, emptyState, type BasketOperation, type BasketState } from './basket-model.ts';
import { History, type Invocation } from './history.ts';
import { checkLinearizable } from './linearizable.ts';

const add = (quantity: number, sku = 'GR1'): BasketOperation => ({ op: 'add', sku, quantity });
const read: BasketOperation = { op: 'read' };
const removal: BasketOperation = { op: 'remove', sku: 'GR1' };

describe('a linearizable history', () => {
  it.each<[what: string, write: (call: Caller) => void]>([
    ['may be empty', () => {}],
    ['shows each operation after those that ended before it', (call) => {
      call('a', add(2)).ok({ GR1: 2 });
      call('b', add(1, 'SR1')).ok({ GR1: 2, SR1: 1 });
      call('a', { op: 'set', sku: 'GR1', quantity: 0 }).ok({ SR1: 1 });
      call('b', read).ok({ SR1: 1 });
    }],
    ['may order operations that overlap either way', (call) => {
      const first = call('a', add(1));
      const second = call('b', add(2));
      first.ok({ GR1: 3 });
      second.ok({ GR1: 2 });
    }],
    ['may show an operation of unknown outcome at any later time', (call) => {
      call('a', add(5)).unknown();
      call('b', read).ok({});
      call('b', add(1)).ok({ GR1: 1 });
      call('b', read).ok({ GR1: 6 });
    }],
    ['may never show an operation of unknown outcome', (call) => {
      call('a', add(5)).unknown();
      call('b', add(1)).ok({ GR1: 1 });
      call('b', read).ok({ GR1: 1 });
    }],
    ['does not contain failed operations', (call) => {
      call('a', add(5)).fail();
      call('a', read).ok({});
    }],
    ['refuses to remove a line that does not exist', (call) => {
      call('a', removal).refused();
      call('a', add(1)).ok({ GR1: 1 });
      call('a', removal).ok({});
    }],
    ['treats baskets independently', (call) => {
      call('a', add(1), 'one').ok({ GR1: 1 });
      call('a', read, 'other').ok({});
    }],
  ])('%s', (_what, write) => {
    expect(checkLinearizable(historyOf(write)).kind).toBe('linearizable');
  });
});

describe('a violation', () => {
  it.each<[what: string, write: (call: Caller) => void]>([
    ['a lost update', (call) => {
      const first = call('a', add(1));
      const second = call('b', add(1));
      first.ok({ GR1: 1 });
      second.ok({ GR1: 1 });
    }],
    ['a stale read', (call) => {
      call('a', add(1)).ok({ GR1: 1 });
      call('b', read).ok({});
    }],
    ['an add that counts twice', (call) => {
      call('a', add(1)).ok({ GR1: 1 });
      call('b', read).ok({ GR1: 2 });
    }],
    ['an acknowledged operation that is lost afterwards', (call) => {
      call('a', add(1)).ok({ GR1: 1 });
      call('a', add(1, 'SR1')).ok({ GR1: 1, SR1: 1 });
      call('b', add(1, 'CF1')).ok({ GR1: 1, CF1: 1 });
    }],
    ['an operation that shows before it was called', (call) => {
      call('a', read).ok({ GR1: 1 });
      call('b', add(1)).ok({ GR1: 1 });
    }],
    ['an operation of unknown outcome that counts twice', (call) => {
      call('a', add(2)).unknown();
      call('b', add(1)).ok({ GR1: 3 });
      call('b', read).ok({ GR1: 5 });
    }],
    ['a refusal although the line exists', (call) => {
      call('a', add(1)).ok({ GR1: 1 });
      call('b', removal).refused();
    }],
    ['a removal although the line does not exist', (call) => call('a', removal).ok({})],
    ['two reads that disagree on the order of writes', (call) => {
      const first = call('a', add(1));
      const second = call('b', add(1, 'SR1'));
      const one = call('c', read);
      const other = call('d', read);
      one.ok({ GR1: 1 });
      other.ok({ SR1: 1 });
      first.ok({ GR1: 1, SR1: 1 });
      second.ok({ GR1: 1, SR1: 1 });
    }],
  ])('is %s', (_what, write) => {
    expect(checkLinearizable(historyOf(write))).toMatchObject({ kind: 'violated', basket: 'basket' });
  });

  it('is explained by the longest order and the operations that cannot follow', () => {
    const history = historyOf((call) => {
      call('a', add(2)).ok({ GR1: 2 });
      call('c', add(7, 'SR1')).unknown();
      call('b', add(1)).ok({ GR1: 3 });
      call('a', add(1)).ok({ GR1: 3 });
      call('a', read).ok({ GR1: 4 });
    });

    expect(checkLinearizable(history)).toEqual({
      kind: 'violated',
      basket: 'basket',
      explanation: [
        'basket basket: no order explains what its clients saw',
        'the longest order places 2 of 4 operations, and ends with',
        '  1.0–2.0 ms a: add 2 GR1 -> {GR1:2}',
        '  4.0–5.0 ms b: add 1 GR1 -> {GR1:3}',
        '  which leaves {GR1:3}',
        'none of these can come next:',
        '  6.0–7.0 ms a: add 1 GR1 -> {GR1:3}',
        'and none of these of unknown outcome helps:',
        '  3.0–? ms c: add 7 SR1 -> unknown',
      ].join('\n'),
    });
  });
});

describe('a search', () => {
  it('handles 2,000 operations of 16 concurrent clients, a tenth of unknown outcome', () => {
    const history = crowd({ operations: 2_000, clients: 16, unknown: 0.1 });

    expect(checkLinearizable(history, { stepsMax: 20_000 })).toMatchObject({ kind: 'linearizable' });
  });

  it('finds one acknowledged add of 2,000 that was lost', () => {
    const history = crowd({ operations: 2_000, clients: 16, unknown: 0.02, lost: 1_500 });

    expect(checkLinearizable(history, { stepsMax: 200_000 })).toMatchObject({ kind: 'violated' });
  });

  it('gives up when its budget is used up', () => {
    const history = crowd({ operations: 200, clients: 16, unknown: 0.1 });

    expect(checkLinearizable(history, { stepsMax: 50 })).toMatchObject({
      kind: 'gave up',
      explanation: expect.stringContaining('gave up after 50 steps') as string,
    });
  });
});

describe('History', () => {
  it('refuses to end an operation twice', () => {
    const invocation = new History(() => 0).invoke('a', 'basket', read);
    invocation.ok({});

    expect(() => invocation.unknown()).toThrow('an operation ends once');
  });
});

type Caller = (client: string, operation: BasketOperation, basket?: string) => Invocation;

function historyOf(write: (call: Caller) => void): History {
  let nowMs = 0;
  const history = new History(() => (nowMs += 1));
  write((client, operation, basket = 'basket') => history.invoke(client, basket, operation));
  return history;
}

interface Crowd {
  readonly operations: number;
  readonly clients: number;
  readonly unknown: number;
  /** The index of the operation that is acknowledged and then lost. */
  readonly lost?: number;
}

/** Clients of one basket whose operations overlap; each takes effect at some time between call and return. */
function crowd({ operations, clients: count, unknown, lost }: Crowd): History {
  const random = seededRandom(1);
  const history = new History(() => 0);
  const clients = Array.from({ length: count }, (): Client => ({ stage: 'idle' }));
  let state: BasketState = emptyState;
  for (let begun = 0; begun < operations;) {
    const at = random.int(count);
    const client = clients[at] as Client;
    if (client.stage === 'idle') {
      const operation = drawOperation(random);
      const invocation = history.invoke(`client ${at}`, 'basket', operation);
      begun += 1;
      clients[at] = { stage: 'called', operation, invocation, isLost: begun === lost };
    } else if (client.stage === 'called') {
      const after = apply(state, client.operation);
      if (!client.isLost) state = after ?? state;
      clients[at] = { stage: 'done', invocation: client.invocation, after };
    } else {
      if (random.next() < unknown) client.invocation.unknown();
      else if (client.after) client.invocation.ok(Object.fromEntries(client.after));
      else client.invocation.refused();
      clients[at] = { stage: 'idle' };
    }
  }
  return history;
}

type Client =
  | { stage: 'idle' }
  | { stage: 'called'; operation: BasketOperation; invocation: Invocation; isLost: boolean }
  | { stage: 'done'; invocation: Invocation; after: BasketState | undefined };

function drawOperation(random: Random): BasketOperation {
  const sku = `SKU-${random.int(8)}`;
  const drawn = random.next();
  if (drawn < 0.3) return { op: 'read' };
  if (drawn < 0.75) return { op: 'add', sku, quantity: 1 + random.int(3) };
  return drawn < 0.9 ? { op: 'set', sku, quantity: random.int(5) } : { op: 'remove', sku };
}
