import fc from 'fast-check';
import { cancel, follow, isFinal, timeOut, type OrderState, type StockFact } from './order.ts';

const placedOrder: OrderState = { status: 'PENDING', reason: null, step: null };
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

  it('wants something of the market until it is final or at rest, and nothing after that', () => {
    const deed = fc.oneof(wishes.map((asked) => asked[0] ?? 'cancel'), fc.constantFrom(...LIVES.flat()));
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 20 }), (deeds) => {
        const order = deeds.reduce<OrderState>(apply, placedOrder);

        if (isFinal(order)) expect(order.step).toBeNull();
        if (order.status === 'RESERVED') expect(order.step).not.toBeNull();
        expect(order.reason !== null).toBe(order.status === 'REJECTED');
      }),
    );
  });
});

type Deed = StockFact | 'cancel' | 'time-out';

function apply(order: OrderState, deed: Deed): OrderState {
  if (deed === 'time-out') return timeOut(order);
  if (deed !== 'cancel') return follow(order, deed);
  try {
    return cancel(order);
  } catch {
    return order;
  }
}

function endOf({ status, reason }: OrderState) {
  return { status, reason };
}
