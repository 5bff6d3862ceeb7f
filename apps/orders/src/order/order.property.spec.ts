import fc from 'fast-check';
import { cancel, follow, isFinal, markedAtRisk, priced, restored, partlyReserved, timeOut, type OrderState, type StockFact } from './order.ts';

const placedOrder: OrderState = { status: 'PENDING', reason: null, step: null, basket: null, atRisk: [] };
const ofBasket: OrderState = { ...placedOrder, basket: 'anna' };
/** All possible sequences of facts of a market about one order. */
const LIVES: readonly (readonly StockFact[])[] = [
  ['reserved', 'committed', 'fulfilled'],
  ['reserved', 'committed', 'cancelled'],
  ['reserved', 'committed'],
  ['reserved', 'cancelled'],
  ['reserved', 'expired'],
  ['reserved', 'timeout'],
  ['reserved'],
  ['out_of_stock'],
  ['expired'],
  ['timeout'],
  ['cancelled'],
];

const life = fc.constantFrom(...LIVES);
/** The facts of a sequence as they arrive: each at least once, in any order, and possibly repeated. */
const receivedOf = (facts: readonly StockFact[]) =>
  fc
    .array(fc.constantFrom(...facts), { maxLength: 8 })
    .chain((again) => fc.shuffledSubarray([...facts, ...again], { minLength: facts.length + again.length }));
const wishes = fc.array(fc.constantFrom('cancel', 'time-out'), { maxLength: 4 });
const anyDeed: fc.Arbitrary<Deed> = fc.constantFrom(
  'cancel', 'time-out', 'short', 'priced', 'restored', 'at risk', 'covered', ...LIVES.flat());

describe('an order', () => {
  it('ends alike for facts in any order, and for repeated facts', () => {
    fc.assert(
      fc.property(life.chain((facts) => fc.tuple(fc.constant(facts), receivedOf(facts))), ([facts, received]) => {
        const inOrder = facts.reduce(follow, placedOrder);

        expect(endOf(received.reduce(follow, placedOrder))).toEqual(endOf(inOrder));
      }),
    );
  });

  it('ends alike with other requests at any time', () => {
    const heardAndAsked = life.chain((facts) =>
      fc.tuple(fc.constant(facts), fc.tuple(receivedOf(facts), wishes).chain(([received, asked]) =>
        fc.shuffledSubarray<Deed>([...received, ...asked], { minLength: received.length + asked.length }))),
    );
    fc.assert(
      fc.property(heardAndAsked, ([facts, deeds]) => {
        const end = deeds.reduce(apply, placedOrder);

        expect(endOf(end)).toEqual(endOf(facts.reduce(follow, placedOrder)));
      }),
    );
  });

  it('has a step until it is final or at rest, and afterwards only the restore of its basket', () => {
    fc.assert(
      fc.property(fc.constantFrom(placedOrder, ofBasket), fc.array(anyDeed, { maxLength: 20 }), (placed, deeds) => {
        const order = deeds.reduce<OrderState>(apply, placed);

        if (isFinal(order)) expect(order.step === null || (order.step === 'restore' && order.basket !== null)).toBe(true);
        else expect(order.step).not.toBe('restore');
        if (order.status === 'RESERVED') expect(order.step).not.toBeNull();
        if (order.step === 'price') expect(order.status).toBe('PENDING');
        if (isFinal(order)) expect(order.atRisk).toEqual([]);
        expect(order.reason !== null).toBe(order.status === 'REJECTED');
      }),
    );
  });

  it('puts lines back exactly once, after a rejection, whatever is repeated', () => {
    fc.assert(
      fc.property(fc.constantFrom(placedOrder, ofBasket), fc.array(anyDeed, { maxLength: 20 }), (placed, deeds) => {
        let order = placed;
        let wanted = 0;
        for (const deed of deeds) {
          const next = apply(order, deed);
          if (next.step === 'restore' && order.step !== 'restore') wanted += 1;
          order = next;
        }

        expect(wanted).toBe(order.status === 'REJECTED' && order.basket !== null ? 1 : 0);
      }),
    );
  });

  it('with missing units is not RESERVED before it has its final price', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Deed>('reserved', 'short', 'cancel', 'at risk', 'covered'), { maxLength: 12 }), (deeds) => {
        const shortFirst = deeds.filter((deed) => deed !== 'cancel').reduce<OrderState>(apply, partlyReserved(placedOrder));

        expect(shortFirst).toMatchObject({ status: 'PENDING', step: 'price' });
      }),
    );
  });
});

type Deed = StockFact | 'cancel' | 'time-out' | 'short' | 'priced' | 'restored' | 'at risk' | 'covered';

const OTHERS: Readonly<Partial<Record<Deed, (order: OrderState) => OrderState>>> = {
  'time-out': timeOut, short: partlyReserved, priced, restored,
  'at risk': (order) => markedAtRisk(order, 'tea', true),
  covered: (order) => markedAtRisk(order, 'tea', false),
};

function apply(order: OrderState, deed: Deed): OrderState {
  const other = OTHERS[deed];
  if (other) return other(order);
  if (deed !== 'cancel') return follow(order, deed as StockFact);
  try {
    return cancel(order);
  } catch {
    return order;
  }
}

function endOf({ status, reason }: OrderState) {
  return { status, reason };
}
