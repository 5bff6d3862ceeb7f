import { createRuleSet } from '../engine/rule-set.ts';
import { askLines, priceLine } from '../engine/line.ts';
import { at, by, item } from '../testing/shop.ts';
import { off, patiently, priceBy, script, source, startSandbox } from '../testing/script-shop.ts';
import type { ActiveStrategy, Meta, Rounding } from '../strategy.ts';
import type { Sandbox } from './sandbox.ts';
import type { ScriptFault } from './script-fault.ts';
import type { ScriptVersion } from './script.ts';

describe('Sandbox', () => {
  let sandbox: Sandbox;
  const retired: [ScriptVersion, ScriptFault][] = [];
  beforeAll(async () => {
    sandbox = await startSandbox({ onRetired: (...both) => retired.push(both) });
  });
  afterAll(() => sandbox.close());

  it('prices by a script, and records which one', async () => {
    const version = await sandbox.read(off(5, { title: 'Five off' }));

    const basket = await priceBy([sandbox.strategy(version)], [item(2, 10)]);

    expect(basket).toMatchObject({ totalMinor: 15, degraded: false });
    expect(basket.lines[0]?.adjustments).toEqual([{
      code: 'off', amountMinor: -5, message: 'off', strategy: 'script', version: '1.0.0',
      sha256: version.sha256,
    }]);
  });

  it('strips the types of TypeScript', async () => {
    const typed = `import type { Strategy } from '@aisle/pricing';
      const half = (minor: number): number => -(minor / 2);
      export default {
        meta: { contract: 1, name: 'half', version: '1', kind: 'line', title: 'Half', scope: {},
          priority: 0, stack: 'stack', tests: [] },
        price: (input) => ({ adjustments: [{ code: 'half', amountMinor: half(input.netMinor), message: 'half' }] }),
      } satisfies Strategy;`;

    expect((await priceBy([await script(sandbox, typed)], [item(2, 10)])).totalMinor).toBe(10);
  });

  it('shows a script the same frozen input as a built-in, with parameters and money', async () => {
    const echo = await script(sandbox, source(`'use strict';
      const frozen = [input, input.lots, input.lots[0], ctx, ctx.params].every(Object.isFrozen);
      const text = JSON.stringify([input, ctx.now, ctx.market, ctx.currency, ctx.params.x, frozen]);
      return { adjustments: [{ code: 'x', amountMinor: ctx.money.allocate(-3, [1, 1])[0], units: 1, message: text }] };
    `, { params: { x: [1] } }));
    const line = item(2, 10, { category: 'tea', attributes: { organic: true }, lots: [
      { lot: 'a', quantity: 2, expiresOn: '2026-12-01' },
    ] });

    const [priced] = (await priceBy([echo], [line])).lines;

    expect(priced?.netMinor).toBe(18);
    expect(JSON.parse(priced?.adjustments[0]?.message ?? '')).toEqual(
      [{ ...line, netMinor: 20 }, '2026-11-21', 'm1', 'GBP', [1], true],
    );
  });

  it('shows a basket script the lines in its scope', async () => {
    const basketwide = await script(sandbox, source(`
      const { lines, grossMinor, netMinor, coupons } = input;
      const message = [lines.map(({ sku }) => sku).join('+'), grossMinor, netMinor, coupons].join(' ');
      return { adjustments: [{ code: 'x', amountMinor: -1, message }] };
    `, { kind: 'basket', scope: { categories: ['tea'] } }));
    const lines = [item(1, 5, { sku: 'B', category: 'tea' }), item(1, 7, { sku: 'A', category: 'tea' }), item(1, 9, { sku: 'C' })];

    const basket = await priceBy([by(-1), basketwide], lines, ['SAVE']);

    expect(basket).toMatchObject({ totalMinor: 17, adjustments: [{ message: 'A+B 12 10 SAVE' }] });
  });

  it('shows a basket script the lines when it looks at them, and never those of another basket', async () => {
    const curious = await script(sandbox, source(`
      let seen = 'nothing';
      try { if (input.netMinor > 5) seen = input.lines[0].sku; } catch { seen = 'an error'; }
      const message = [seen, Object.keys(input), Object.isFrozen(input)].join(' ');
      return { adjustments: [{ code: 'x', amountMinor: -1, message }] };
    `, { kind: 'basket' }));
    const seen = async (sku: string, priceMinor: number) =>
      (await priceBy([curious], [item(1, priceMinor, { sku })])).adjustments[0]?.message.split(' ');

    const apart = [await seen('A', 5), await seen('B', 5), await seen('C', 7), await seen('D', 4)];
    const together = await Promise.all(['E', 'F', 'G'].map((sku) => seen(sku, 9)));

    const fields = 'lines,grossMinor,netMinor,coupons';
    expect([...apart, ...together]).toEqual(
      ['nothing', 'nothing', 'C', 'nothing', 'E', 'F', 'G'].map((what) => [what, fields, 'true']),
    );
  });

  it('repeats the question of every script that missed the lines', async () => {
    const first = await script(sandbox, source(
      `return { adjustments: [{ code: 'x', amountMinor: -1, message: input.lines[0].sku }] };`,
      { name: 'first', kind: 'basket' },
    ));

    const baskets = await Promise.all(['A', 'B', 'C'].map((sku) => priceBy([first], [item(1, 9, { sku })])));

    expect(baskets.map(({ adjustments }) => adjustments[0]?.message)).toEqual(['A', 'B', 'C']);
  });

  it('mixes scripts and built-ins in one phase, in their order', async () => {
    const half = await script(sandbox, source(
      `return { adjustments: [{ code: 'half', amountMinor: -input.netMinor / 2, message: 'half' }] };`,
      { priority: 5 },
    ));

    const basket = await priceBy([by(-20, { name: 'first', priority: 9 }), half, by(-1, { name: 'last' })], [item(1, 100)]);

    expect(basket.totalMinor).toBe(39);
  });

  it('asks dependent rules in one trip, and prices as if they were asked one by one', async () => {
    const third = (name: string, more: Partial<Meta> = {}): string =>
      source(`return { adjustments: [{ code: 'x', amountMinor: -Math.ceil(input.netMinor / 3), message: '' + input.netMinor }] };`, { name, ...more });
    const strategies = await Promise.all([
      third('a'), third('b', { scope: { skus: ['A'] } }), third('c'), third('d', { kind: 'basket' }), third('e', { kind: 'basket' }),
    ].map((text) => script(sandbox, text)));
    const asked: string[] = [];
    const counted = strategies.map((strategy) => ({
      ...strategy,
      ask: (...question: Parameters<NonNullable<ActiveStrategy['ask']>>) => {
        asked.push(strategy.meta.name);
        return strategy.ask!(...question);
      },
    }));

    const basket = await priceBy(counted, [item(1, 100, { sku: 'A' }), item(1, 90, { sku: 'B' })]);

    const seen = (adjustments: readonly { message: string }[]): number[] => adjustments.map(({ message }) => Number(message));
    expect(basket.lines.map(({ adjustments }) => seen(adjustments))).toEqual([[100, 66, 44], [90, 60]]);
    expect(seen(basket.adjustments)).toEqual([69, 46]);
    expect(basket.totalMinor).toBe(30);
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('shows all members of a group the same price', async () => {
    const member = (name: string, amountMinor: number, more: Partial<Meta> = { stack: 'best-of', group: 'g' }): Promise<ActiveStrategy> =>
      script(sandbox, source(`return { adjustments: [{ code: 'x', amountMinor: ${amountMinor}, message: '' + input.netMinor }] };`, { name, ...more }));

    const basket = await priceBy([
      await member('group-a', -1), await member('group-b', -7), await member('group-c', -3), await member('last', -1, {}),
    ], [item(1, 100)]);

    expect(basket.lines[0]?.adjustments).toMatchObject([{ strategy: 'group-b', message: '100' }, { strategy: 'last', message: '93' }]);
  });

  it('does not blame a script for a failure at a speculative price', async () => {
    const gone: string[] = [];
    const apart = await startSandbox({ workers: 1, onRetired: ({ meta: { name } }) => gone.push(name) });
    const rules = [
      await script(apart, source(`return { adjustments: [{ code: 'x', amountMinor: 1e12, message: 'x' }] };`, { name: 'raise' })),
      await script(apart, source(`if (input.netMinor > 1e9) throw new Error('too much'); return { adjustments: [] };`, { name: 'strict' })),
    ];

    for (let quantity = 1; quantity <= 8; quantity += 1) await priceBy(rules, [item(quantity, 10)]);
    await apart.close();

    expect(gone).toEqual(['raise']);
  });

  it('caches the answers of a script across rule sets', async () => {
    const rules = createRuleSet(1, [await script(sandbox, off(5))]);
    await askLines(rules, [item(3, 10)], patiently);

    const later = createRuleSet(2, [await script(sandbox, off(5)), by(0, { name: 'other' })]);

    expect(priceLine(later, item(3, 10), at).netMinor).toBe(25);
    expect(() => priceLine(later, item(4, 10), at)).toThrow(
      expect.objectContaining({ kind: 'unavailable', code: 'pricing.not-answered' }),
    );
  });

  it('drops the caches of versions that are not kept', async () => {
    const rules = createRuleSet(1, [await script(sandbox, off(6))]);
    await askLines(rules, [item(3, 10)], patiently);

    sandbox.keep(new Set());

    const later = createRuleSet(2, [await script(sandbox, off(6))]);
    expect(() => priceLine(later, item(3, 10), at)).toThrow();
    expect(priceLine(rules, item(3, 10), at).netMinor).toBe(24);
  });

  it('tries each version in a context that nothing has touched', async () => {
    const input = { ...item(1, 10), netMinor: 10 };
    const spoiler = await sandbox.read(source(`
      globalThis.left = new Array(200000).fill(7);
      Object.prototype.left = 1;
      Array.prototype.map = JSON.stringify = Math.abs = () => 0;
      return { adjustments: [] };
    `));
    const witness = await sandbox.read(source(`
      const message = [typeof left, typeof {}.left, [2].map((two) => two + 1)[0], JSON.stringify([1]), Math.abs(-1)].join(' ');
      return { adjustments: [{ code: 'x', amountMinor: 0, message }] };
    `, { name: 'witness' }));

    for (let round = 0; round < 3; round += 1) {
      await sandbox.try(spoiler, [{ input, context: at }]);
      const [seen] = await sandbox.try(witness, [{ input, context: at }]);

      expect(seen).toMatchObject({ adjustments: [{ message: 'undefined undefined 3 [1] 1' }] });
    }
  });

  it('bounds the size that scripts add to a large basket', async () => {
    const lines = Array.from({ length: 1_000 }, (_, at) => item(1, 100 + at, { sku: `SKU-${at}` }));
    const own = await startSandbox();
    const saying = (entries: number, chars: number): Promise<ActiveStrategy> => script(own, source(`
      const text = (at) => (input.sku + at).padEnd(${chars}, '\u0800');
      return { adjustments: Array.from({ length: ${entries} }, (_, at) => ({ code: 'c' + at, amountMinor: 0, message: text(at) })),
        skipped: Array.from({ length: ${entries} }, (_, at) => ({ code: 'c' + at, reason: text(at) })) };
    `, { name: 'n'.repeat(64), version: 'v'.repeat(64), params: { entries, chars } }));
    const bytesOf = (basket: unknown): number => Buffer.byteLength(JSON.stringify(basket));

    const fat = await priceBy([await saying(32, 500)], lines);
    const legal = await priceBy([await saying(3, 13)], lines);
    await own.close();

    expect(fat.lines.every(({ degraded, adjustments }) => degraded && adjustments.length === 0)).toBe(true);
    expect(legal.lines.every(({ degraded, adjustments, skipped }) => !degraded && adjustments.length + skipped.length === 6)).toBe(true);
    expect(Math.max(bytesOf(fat), bytesOf(legal))).toBeLessThan(2_500_000);
  });

  it('rounds as in the context, in a script as in a built-in', async () => {
    const half = await script(sandbox, source(
      `return { adjustments: [{ code: 'half', amountMinor: ctx.money.mulDiv(input.netMinor, 1, 2) - input.netMinor, message: ctx.rounding }] };`, { name: 'halved' },
    ));
    const own = await script(sandbox, source(
      `return { adjustments: [{ code: 'half', amountMinor: ctx.money.mulDiv(input.netMinor, 1, 2, 'down') - input.netMinor, message: ctx.rounding }] };`, { name: 'own' },
    ));
    const net = async (rule: ActiveStrategy, rounding?: Rounding): Promise<number> =>
      (await priceBy([rule], [item(1, 333)], [], { ...at, rounding })).totalMinor;
    const each = (rule: ActiveStrategy) => Promise.all([undefined, 'half-up', 'half-even', 'down', 'up'].map((rounding) => net(rule, rounding as Rounding)));

    expect(await each(half)).toEqual([167, 167, 166, 166, 167]);
    expect(await each(own)).toEqual([166, 166, 166, 166, 166]);
  });

  it('gives no script an input that is too large', async () => {
    const large = item(1, 10, { attributes: { note: 'x'.repeat(512 * 1024) } });

    const { totalMinor, lines } = await priceBy([await script(sandbox, off(5, { name: 'overfed' }))], [large]);

    expect(totalMinor).toBe(10);
    expect(lines).toMatchObject([{ degraded: true, skipped: [{ code: 'failed', reason: 'used too much memory' }] }]);
  });

  it('keeps the meta of a script as it was read', async () => {
    const liar = await script(sandbox, `let asked = 0;
      const meta = { contract: 1, name: 'liar', version: '1', kind: 'line', title: 'Liar', scope: {}, priority: 0, stack: 'stack', tests: [] };
      export default {
        get meta() { asked += 1; return { ...meta, version: String(asked), surcharge: asked > 1 }; },
        price: () => ({ adjustments: [{ code: 'x', amountMinor: 5, message: 'dearer' }] }),
      };`);

    const { totalMinor, lines } = await priceBy([liar], [item(1, 10)]);

    expect(totalMinor).toBe(10);
    expect(lines[0]?.skipped).toMatchObject([{ code: 'failed', reason: 'broke the contract', version: '1' }]);
  });

  it('asks the previous version when one fails, and records it', async () => {
    const broken = await sandbox.read(source(`if (input.quantity > 2) throw new Error('no'); return { adjustments: [] };`, { version: '2.0.0' }));
    const rules = [sandbox.strategy(broken, await script(sandbox, off(5)))];

    const { lines } = await priceBy(rules, [item(2, 10, { sku: 'A' }), item(3, 10, { sku: 'B' })]);

    expect(lines).toMatchObject([
      { netMinor: 20, degraded: false },
      { netMinor: 25, degraded: true, skipped: [{ code: 'failed', reason: 'threw an error', version: '2.0.0' }] },
    ]);
  });

  it('retires a version that keeps failing', async () => {
    const failing = await sandbox.read(source(`throw new Error('no such rule');`, { version: '3' }));
    const rules = [sandbox.strategy(failing)];

    for (let quantity = 1; quantity <= 5; quantity += 1) await priceBy(rules, [item(quantity, 10)]);
    const after = await priceBy(rules, [item(6, 10)]);

    expect(retired).toEqual([[failing, expect.objectContaining({ code: 'threw', text: 'no such rule' })]]);
    expect(after).toMatchObject({ totalMinor: 60, degraded: true, lines: [{ skipped: [{ reason: 'failed too often' }] }] });
  });

  it.each<[what: string, text: string, problem: string | RegExp]>([
    ['does not parse', 'export default {', /^1:17 /],
    ['is no module of its own', `import fs from 'node:fs'; export default fs;`, /threw an error: Dynamic require|threw an error: .*require/],
    ['awaits', 'await 1; export default {};', /Top-level await/],
    ['has no default export', 'export const price = 1;', /threw an error/],
    ['has no price', 'export default { meta: {} };', /no price function/],
    ['throws as it loads', `throw new Error('not today'); export default {};`, /threw an error: not today/],
    ['never ends loading', 'while (true); export default {};', 'worked too long'],
    ['is too long', `// ${'x'.repeat(65_536)}`, /more than 65536 bytes/],
    ['has a character that no storage takes', `// \0`, 'the source has a character U+0000'],
    ['is no UTF-8', `// \ud800`, 'the source has half a surrogate pair'],
    ['keeps the compiler busy for ever', `x = ${'a ? (b) : c => ('.repeat(30)}1${')'.repeat(30)}${' : d'.repeat(30)}; export default {};`, 'the source takes longer to compile than 1500 ms'],
    ['throws what is hard to look at', `throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } });`, 'threw an error'],
    ['throws what cannot be stored', String.raw`throw new Error('a\0b\udfff'); export default {};`, 'threw an error: a'],
  ])('refuses a source that %s', async (_what, text, problem) => {
    const refused = sandbox.read(text);

    await expect(refused).rejects.toMatchObject({
      kind: 'invalid', code: 'strategy.source',
      details: { problems: [typeof problem === 'string' ? problem : expect.stringMatching(problem)] },
    });
  });

  it('refuses a source with a wrong meta', async () => {
    const refused = sandbox.read(source('return 1;', { name: 'no good', priority: Infinity }));

    await expect(refused).rejects.toMatchObject({
      code: 'pricing.rules',
      details: { problems: [expect.stringMatching(/^meta.name: /), expect.stringMatching(/^meta.priority: /)] },
    });
  });

  it.each<[what: string, meta: Partial<Meta>, problem: string]>([
    ['a U+0000', { title: 'a\0b' }, 'meta.title: has a character U+0000'],
    ['half a character', { scope: { skus: ['GR1', '\ud800'] } }, 'meta.scope.skus[1]: has half a surrogate pair'],
    ['half a character in a name', { params: { list: [{ '\udfff': 1 }] } }, 'meta.params.list[0]: has a name with half a surrogate pair'],
    ['a U+0000 in a test', { tests: [{ name: '\0' }] as never }, 'meta.tests[0].name: has a character U+0000'],
    ['no floor', { params: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as unknown }, `meta.params${'[0]'.repeat(31)}: is nested more than 32 deep`],
  ])('refuses a meta that has %s', async (_what, meta, problem) => {
    await expect(sandbox.read(source('return 1;', meta))).rejects.toMatchObject({ code: 'pricing.rules', details: { problems: [problem] } });
  });

  it('rejects pending questions when it is closed', async () => {
    const other = await startSandbox({ workers: 1 });
    const rules = [await script(other, off(1))];
    await other.close();

    await expect(priceBy(rules, [item(1, 10)])).rejects.toMatchObject({ kind: 'unavailable', code: 'sandbox.closed' });
  });
});
