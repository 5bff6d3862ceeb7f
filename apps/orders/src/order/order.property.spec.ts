import fc from 'fast-check';
import { cancel, follow, isFinal, marked, priced, restored, short, timeOut, type OrderState, type StockFact } from './order.ts';

const placedOrder: OrderState = { status: 'PENDING', reason: null, step: null, basket: null, atRisk: [] };
const ofBasket: OrderState = { ...placedOrder, basket: 'anna' };
/** Every way in which a market can deal with an order: each fact is further than the one before. */
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
/** What orders hears of a life: each fact at least once, in any order, as often as may be. */
const heardOf = (facts: readonly StockFact[]) =>
  fc
    .array(fc.constantFrom(...facts), { maxLength: 8 })
    .chain((again) => fc.shuffledSubarray([...facts, ...again], { minLength: facts.length + again.length }));
const wishes = fc.array(fc.constantFrom('cancel', 'time-out'), { maxLength: 4 });
const anyDeed: fc.Arbitrary<Deed> = fc.constantFrom(
  'cancel', 'time-out', 'short', 'priced', 'restored', 'at risk', 'covered', ...LIVES.flat());

describe('an order', () => {
  it('ends alike however often, and in whichever order, it hears what became of its stock', () => {
    fc.assert(
      fc.property(life.chain((facts) => fc.tuple(fc.constant(facts), heardOf(facts))), ([facts, heard]) => {
        const inOrder = facts.reduce(follow, placedOrder);

        expect(endOf(heard.reduce(follow, placedOrder))).toEqual(endOf(inOrder));
      }),
    );
  });

  it('ends alike whenever it is asked for something else meanwhile', () => {
    const heardAndAsked = life.chain((facts) =>
      fc.tuple(fc.constant(facts), fc.tuple(heardOf(facts), wishes).chain(([heard, asked]) =>
        fc.shuffledSubarray<Deed>([...heard, ...asked], { minLength: heard.length + asked.length }))),
    );
    fc.assert(
      fc.property(heardAndAsked, ([facts, deeds]) => {
        const end = deeds.reduce(apply, placedOrder);

        expect(endOf(end)).toEqual(endOf(facts.reduce(follow, placedOrder)));
      }),
    );
  });

  it('wants something of the market until it is final or at rest, and nothing after that but its basket back', () => {
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

  it('gives lines back exactly once, when it is rejected, whatever comes again', () => {
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

  it('that goes without units is not RESERVED before it has its final price', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Deed>('reserved', 'short', 'cancel', 'at risk', 'covered'), { maxLength: 12 }), (deeds) => {
        const shortFirst = deeds.filter((deed) => deed !== 'cancel').reduce<OrderState>(apply, short(placedOrder));

        expect(shortFirst).toMatchObject({ status: 'PENDING', step: 'price' });
      }),
    );
  });
});

type Deed = StockFact | 'cancel' | 'time-out' | 'short' | 'priced' | 'restored' | 'at risk' | 'covered';

const OTHERS: Readonly<Partial<Record<Deed, (order: OrderState) => OrderState>>> = {
  'time-out': timeOut, short, priced, restored,
  'at risk': (order) => marked(order, 'tea', true),
  covered: (order) => marked(order, 'tea', false),
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
