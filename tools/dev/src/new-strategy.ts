// `npm run new:strategy -- <name> [--kind basket] [--folder strategies]`: writes a strategy with its test
// cases, and validates it as the shop would before it prices anything.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { MemoryStrategyStore, StrategyDesk } from '@aisle/pricing/lifecycle';
import { Sandbox } from '@aisle/pricing/sandbox';
import { systemRuntime } from '@aisle/std';
import { workspaceRoot } from './workspace.ts';

const USAGE = 'usage: npm run new:strategy -- <name> [--kind line|basket] [--folder strategies]';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true, strict: false,
    options: { kind: { type: 'string' }, folder: { type: 'string' } },
  });
  const [name] = positionals;
  const kind = values.kind ?? 'line';
  if (!name || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || (kind !== 'line' && kind !== 'basket')) {
    console.error(`${USAGE}; a name is like-this`);
    return 2;
  }
  const folder = resolve(workspaceRoot, String(values.folder ?? 'strategies'));
  const path = join(folder, `${name}.ts`);
  if (existsSync(path)) {
    console.error(`${relative(workspaceRoot, path)} is there already`);
    return 1;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, kind === 'line' ? lineStrategy(name) : basketStrategy(name));
  console.log(`${relative(workspaceRoot, path)} written`);
  return validated(readFileSync(path, 'utf8'));
}

async function validated(source: string): Promise<number> {
  const sandbox = await Sandbox.start({ runtime: systemRuntime, workers: 1 });
  try {
    const desk = new StrategyDesk({ store: new MemoryStrategyStore(), sandbox, runtime: systemRuntime });
    const by = { by: 'new:strategy' };
    const { record, version } = await desk.load(source, by);
    const { passed, problems } = await desk.validate(record.name, version.version, by);
    console.log(passed ? `valid: ${version.meta.tests.length} tests pass` : problems.join('\n'));
    return passed ? 0 : 1;
  } finally {
    await sandbox.close();
  }
}

function lineStrategy(name: string): string {
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
    scope: {}, // such as { markets: ['m1'], skus: ['GR1'], categories: ['tea'] }
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

function basketStrategy(name: string): string {
  return `import type { BasketInput, Strategy } from '@aisle/pricing';

const SPEND_MINOR = 5000;
const SAVE_MINOR = 500;

/** Whoever spends 50.00 saves 5.00. Pure: the same input always has the same answer. */
export default {
  meta: {
    contract: 1,
    name: '${name}',
    version: '1.0.0',
    kind: 'basket',
    title: '${name}',
    scope: {}, // such as { markets: ['m1'], skus: ['GR1'], categories: ['tea'] }
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

process.exitCode = await main();
