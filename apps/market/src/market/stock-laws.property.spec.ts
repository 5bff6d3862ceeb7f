import fc from 'fast-check';
import { assert, isFailure } from '@aisle/std';
import { ORDERS, SKUS, anyAction, dateAt } from '../testing/actions.ts';
import { BareMarket } from '../testing/bare-market.ts';
import { goodOf, uncoveredOf } from '../product/product.ts';
import type { OrderStock } from '../stock/order-stock.ts';
import { orderOf } from './market.ts';

type Step = (market: BareMarket) => unknown;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: anyAction.map((action): Step => (market) => market.do(action(market.nowMs))) },
  { weight: 1, arbitrary: fc.constantFrom(0.001, 0.02, 1).map((days): Step => (market) => market.pass(days)) },
);

/** Runs the steps, ignores their refusals, and checks the market after each. */
function run(steps: readonly Step[], look: (market: BareMarket) => void): void {
  const market = new BareMarket();
  for (const one of SKUS) market.stock(one, 10, one === 'salmon' ? dateAt(market.nowMs, 1) : null);
  for (const one of steps) {
    try {
      one(market);
    } catch (refusal) {
      if (!isFailure(refusal)) throw refusal;
    }
    look(market);
  }
}

describe('the stock of a market, after any sequence of commands', () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 60 });

  it('is the sum of its movements by kind, and is never promised twice', () => {
    fc.assert(fc.property(steps, (all) => run(all, (market) => {
      for (const one of SKUS) {
        const { onHand, reserved, lots } = market.product(one);
        const sum = (kind: string): number =>
          market.movements.filter((moved) => moved.sku === one && moved.kind === kind).reduce((total, { delta }) => total + delta, 0);
        const inLots = lots.reduce((total, { quantity }) => total + quantity, 0);

        assert(onHand === sum('initial') + sum('received') + sum('returned') + sum('adjusted') + sum('fulfilled') + sum('written_off'), one);
        assert(sum('fulfilled') <= 0 && sum('written_off') <= 0, 'what leaves is less');
        assert(onHand === inLots, 'lots are all there is');
        assert(0 <= reserved && reserved <= onHand, 'nothing is promised twice');
      }
    })), { numRuns: 400 });
  });

  it('reserves for each product the units of its open orders', () => {
    fc.assert(fc.property(steps, (all) => run(all, (market) => {
      const open = [...market.state.orders.open.values()];
      for (const one of SKUS) {
        const promised = open.flatMap(({ lines }) => lines).filter((line) => line.sku === one);

        assert(market.product(one).reserved === promised.reduce((total, { quantity }) => total + quantity, 0), one);
      }
    })), { numRuns: 200 });
  });

  it('covers every promise with good units after any command; only the end of a day can uncover one', () => {
    fc.assert(fc.property(steps, (all) => {
      const before = new Map<string, number>();
      let day = '';
      run(all, (market) => {
        for (const one of SKUS) {
          const uncovered = uncoveredOf(market.product(one), market.today);
          assert(market.today !== day || uncovered <= Math.max(0, before.get(one) ?? 0), one);
          before.set(one, uncovered);
        }
        day = market.today;
      });
    }), { numRuns: 600 });
  });

  it('marks the orders that good units do not cover, so that all others can be fulfilled, and publishes each change', () => {
    fc.assert(fc.property(steps, (all) => run(all, (market) => {
      market.age();
      const open = [...market.state.orders.open.values()];
      for (const one of SKUS) {
        const product = market.product(one);
        const unitsOf = (orders: readonly OrderStock[]): number =>
          orders.flatMap(({ lines }) => lines).filter((line) => line.sku === one).reduce((sum, { quantity }) => sum + quantity, 0);
        const safe = open.filter(({ atRisk = [] }) => !atRisk.includes(one));

        assert(unitsOf(safe) <= goodOf(product, market.today), `${one} covers who is not at risk`);
        assert(safe.length === open.length || uncoveredOf(product, market.today) > 0, `${one} is short where somebody is at risk`);
        assert(JSON.stringify(publishedAtRisk(market, one)) === JSON.stringify(open.filter((order) => !safe.includes(order)).map(({ id }) => id).sort()), one);
      }
    })), { numRuns: 400 });
  });

  it('has only promised units of a deleted product', () => {
    fc.assert(fc.property(steps, (all) => run(all, (market) => {
      for (const one of SKUS) {
        const { onHand, reserved, details: { deleted } } = market.product(one);
        assert(!deleted || onHand === reserved, one);
      }
    })), { numRuns: 300 });
  });

  it('never changes the final state of an order', () => {
    fc.assert(fc.property(steps, (all) => {
      const ended = new Map<string, unknown>();
      run(all, (market) => {
        for (const id of ORDERS) {
          const order = orderOf(market.state, id);
          if (ended.has(id)) expect(order).toEqual(ended.get(id));
          else if (order && ['fulfilled', 'released', 'rejected'].includes(order.standing)) ended.set(id, order);
        }
      });
    }), { numRuns: 200 });
  });

  it('has movements that each begin at the result of the one before, identified by event and line', () => {
    fc.assert(fc.property(steps, (all) => run(all, (market) => {
      for (const one of SKUS) {
        let onHand = 0;
        for (const moved of market.movements.filter((movement) => movement.sku === one)) {
          assert(moved.onHand === onHand + moved.delta, moved.sku);
          onHand = moved.onHand;
        }
      }
      assert(market.events.every(({ revision }, index) => revision === index + 1), 'revisions have no gap');
    })), { numRuns: 100 });
  });

  it('leaves first expired first out, and never after expiry', () => {
    fc.assert(fc.property(steps, (all) => {
      let before = new Map<string, string[]>();
      let seen = 0;
      run(all, (market) => {
        const moved = market.movements.slice(seen);
        seen = market.movements.length;
        for (const { sku: one, lot } of moved.filter((movement) => movement.kind === 'fulfilled')) {
          const order = before.get(one) ?? [];
          const earlier = order.slice(0, order.indexOf(lot)).filter((name) => name === 'undated' || name >= market.today);
          const left = market.product(one).lots.filter(({ quantity }) => quantity > 0).map((rest) => rest.lot);

          assert(lot === 'undated' || lot >= market.today, 'what has expired stays');
          assert(!left.some((name) => earlier.includes(name)), 'what expires earlier has left');
        }
        before = new Map(SKUS.map((one) => [one, market.product(one).lots.filter(({ quantity }) => quantity > 0).map(({ lot }) => lot)]));
      });
    }), { numRuns: 300 });
  });
});

/** Open orders that are published as at risk by a product. */
function publishedAtRisk(market: BareMarket, sku: string): string[] {
  const marked = new Set<string>();
  for (const signal of market.signalsOf('PromisesAtRisk')) {
    if (signal.sku !== sku) continue;
    for (const id of signal.orderIds) if (signal.atRisk) marked.add(id); else marked.delete(id);
  }
  return [...marked].filter((id) => market.state.orders.open.get(id) !== undefined).sort();
}
