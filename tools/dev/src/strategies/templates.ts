/** A strategy for lines, with its test cases. */
export function lineStrategy(name: string): string {
  return `import type { LineInput, Strategy } from '@aisle/pricing';

const FROM = 3;
const PERCENT = 10;

/** From three units on, ten percent off. Pure: the same input always has the same answer. */
export default {
  meta: {
    contract: 1,
    name: '${name}',
    version: '1.0.0',
    kind: 'line',
    title: '${name}',
    scope: { skus: ['GR1'] }, // also { markets, categories, currencies, from, until, daysOfWeek }; {} is everything
    priority: 0,
    stack: 'stack',
    tests: [
      {
        name: 'two at list price',
        input: { sku: 'GR1', quantity: 2, unitPriceMinor: 311, netMinor: 622 },
        expect: { netMinor: 622, codes: [] },
      },
      {
        name: 'three with ten percent off, rounded once',
        input: { sku: 'GR1', quantity: 3, unitPriceMinor: 311, netMinor: 933 },
        expect: { netMinor: 840, codes: ['${name}'] },
      },
    ],
  },
  price(input, { money }) {
    const { quantity, netMinor } = input as LineInput;
    if (quantity < FROM) {
      const unitsNeeded = FROM - quantity;
      return { adjustments: [], skipped: [{ code: '${name}', reason: \`\${unitsNeeded} more and it is cheaper\`, unitsNeeded }] };
    }
    const amountMinor = -money.mulDiv(netMinor, PERCENT, 100);
    return { adjustments: [{ code: '${name}', amountMinor, units: quantity, message: \`\${PERCENT} % off\` }] };
  },
} satisfies Strategy;
`;
}

/** A strategy for baskets, with its test cases. */
export function basketStrategy(name: string): string {
  return `import type { BasketInput, Strategy } from '@aisle/pricing';

const SPEND_MINOR = 5000;
const SAVE_MINOR = 500;

/** A basket of 50.00 or more costs 5.00 less. Pure: the same input always has the same answer. */
export default {
  meta: {
    contract: 1,
    name: '${name}',
    version: '1.0.0',
    kind: 'basket',
    title: '${name}',
    scope: { currencies: ['GBP'] }, // amounts need their currency; also { markets, skus, categories, from, until, daysOfWeek }
    priority: 0,
    stack: 'stack',
    tests: [
      { name: 'too little', input: basketOf(4999), expect: { netMinor: 4999, codes: [] } },
      { name: 'enough', input: basketOf(5000), expect: { netMinor: 4500, codes: ['${name}'] } },
    ],
  },
  price(input) {
    const { netMinor } = input as BasketInput;
    if (netMinor < SPEND_MINOR) return { adjustments: [], skipped: [{ code: '${name}', reason: 'spend more to save' }] };
    return { adjustments: [{ code: '${name}', amountMinor: -SAVE_MINOR, message: 'spent enough to save' }] };
  },
} satisfies Strategy;

function basketOf(netMinor: number): BasketInput {
  const lines = [{ sku: 'GR1', quantity: 1, unitPriceMinor: netMinor, netMinor }];
  return { lines, grossMinor: netMinor, netMinor, coupons: [] };
}
`;
}
