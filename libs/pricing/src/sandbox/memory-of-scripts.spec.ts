import { priceBy, source, startSandbox } from '../testing/script-shop.ts';
import { ScriptFault } from './script-fault.ts';
import { at, item } from '../testing/shop.ts';
import type { PricedLine } from '../engine/priced.ts';
import type { Meta } from '../strategy.ts';
import type { Answered } from './script.ts';
import type { Sandbox } from './sandbox.ts';

/** A way in which a script might keep data of one input until its next question. */
interface Way {
  readonly name: string;
  /** Evaluated with the module. */
  readonly before?: string;
  /** Returns the kept data: nothing of another input, if the sandbox is tight. */
  readonly look: string;
  /** Keeps `input.sku`. */
  readonly keep: string;
}

const WAYS: readonly Way[] = [
  { name: 'a variable of the module', before: 'let kept;', look: 'kept', keep: 'kept = input.sku;' },
  { name: 'a list of the module', before: 'const kept = [];', look: 'kept.join()', keep: 'kept.push(input.sku);' },
  { name: 'a map of the module', before: 'const kept = new Map();', look: '[...kept.values()].join()', keep: 'kept.set(1, input.sku);' },
  { name: 'a buffer of the module', before: 'const kept = new Float64Array(1);', look: 'kept[0]', keep: 'kept[0] = input.sku.length;' },
  { name: 'a function of the module', before: 'function kept() {}', look: 'kept.sku', keep: 'kept.sku = input.sku;' },
  { name: 'another function in its place', before: 'function kept() {}', look: 'kept.name', keep: 'const { sku } = input; kept = { name: sku };' },
  { name: 'a generator of the module', before: 'const kept = (function* () { let sku = "none"; for (;;) sku = yield sku; })(); kept.next();', look: 'kept.next("looked").value', keep: 'kept.next(input.sku);' },
  { name: 'a private field of a class', before: 'class Kept { static #sku; static get() { return this.#sku; } static set(sku) { this.#sku = sku; } }', look: 'Kept.get()', keep: 'Kept.set(input.sku);' },
  { name: 'a private field stamped on the context', before: `class Given { constructor(given) { return given; } }
    class Stamp extends Given { #sku; static put(given, sku) { new Stamp(given).#sku = sku; } static get(given) { return #sku in given ? given.#sku : undefined; } }`, look: 'Stamp.get(ctx)', keep: 'Stamp.put(ctx, input.sku);' },
  { name: 'a weak map by the context', before: 'const kept = new WeakMap();', look: 'kept.get(ctx)', keep: 'kept.set(ctx, input.sku);' },
  { name: 'the last index of a regular expression', before: 'const kept = /./g;', look: 'kept.lastIndex', keep: 'kept.test("abc");' },
  { name: 'what a function made by an export keeps', before: 'const make = () => { let kept; return { get: () => kept, set: (sku) => { kept = sku; } }; }; const kept = make();', look: 'kept.get()', keep: 'kept.set(input.sku);' },
  { name: 'a global', look: 'globalThis.kept', keep: 'globalThis.kept = input.sku;' },
  { name: 'a global that nobody declared', look: 'typeof kept', keep: 'kept = input.sku;' },
  { name: 'a variable of a text that is code', look: 'typeof kept', keep: '(0, eval)(`let kept = 1; var also = 2`);' },
  { name: 'a variable of a function that is a text', look: 'typeof kept', keep: 'new Function(`}); let kept = 1; (function () {`)();' },
  { name: 'a generator that is a text', look: 'typeof kept', keep: 'Object.getPrototypeOf(function* () {}).constructor(`globalThis.kept = 1`)().next();' },
  { name: 'a timer of errors', look: 'Error.stackTraceLimit', keep: 'Error.stackTraceLimit = input.sku.length;' },
  { name: 'what prepares stacks', look: 'typeof new Error("x").stack', keep: 'Error.prepareStackTrace = () => 7;' },
  { name: 'a property of all errors', look: 'new Error("x").kept', keep: 'Error.prototype.kept = input.sku;' },
  { name: 'the name of all errors', look: 'new Error("x").name', keep: 'Error.prototype.name = input.sku;' },
  { name: 'a property of all objects', look: '({}).kept', keep: 'Object.prototype.kept = input.sku;' },
  { name: 'the prototype of all lists', look: '[].kept', keep: 'Object.setPrototypeOf(Array.prototype, { kept: input.sku });' },
  { name: 'the prototype of all objects', look: '({}).kept', keep: 'Object.prototype.__proto__ = { kept: input.sku };' },
  { name: 'a property of all generators', look: '(function* () {})().kept', keep: 'Object.getPrototypeOf(Object.getPrototypeOf((function* () {})())).kept = input.sku;' },
  { name: 'a property of all iterators', look: '[].values().kept', keep: 'Object.getPrototypeOf([].values()).kept = input.sku;' },
  { name: 'a property of all iterator helpers', look: '[].values().map((x) => x).kept', keep: 'Object.getPrototypeOf([].values().map((x) => x)).kept = input.sku;' },
  { name: 'a property of all wrapped iterators', look: 'Iterator.from({ next() {} }).kept', keep: 'Object.getPrototypeOf(Iterator.from({ next() {} })).kept = input.sku;' },
  { name: 'a property of all matches', look: '"x".matchAll(/x/g).kept', keep: 'Object.getPrototypeOf("x".matchAll(/x/g)).kept = input.sku;' },
  { name: 'a property of what throws for strict arguments', look: 'Object.getOwnPropertyDescriptor(arguments, "callee").get.kept', keep: 'Object.getOwnPropertyDescriptor(arguments, "callee").get.kept = input.sku;' },
  { name: 'a property of the context', look: 'ctx.kept', keep: 'ctx.kept = input.sku;' },
  { name: 'a property of the parameters', look: 'ctx.params.list.length', keep: 'ctx.params.list.push(input.sku);' },
  { name: 'a property of the arithmetic', look: 'ctx.money.mulDiv.kept', keep: 'ctx.money.mulDiv.kept = input.sku;' },
  { name: 'a property of a template', look: 'tag`x`', keep: 'tag`x`; function tag(texts) { const { kept } = texts; try { texts.kept = 1; } catch { return "frozen"; } return kept; }' },
  { name: 'a property of its home', look: 'super.kept', keep: 'super.kept = input.sku;' },
  { name: 'a property of itself', look: 'this === undefined ? undefined : this.kept', keep: 'this.kept = input.sku;' },
  { name: 'the room that is left', look: 'room()', keep: `const all = { parts: [] }; all.self = all; for (let part = 0; part < 9; part += 1) all.parts.push(new Uint8Array(1e6)); for (let turn = 0; turn < 9; turn += 1) ({ turn });
    function room() { const all = []; try { for (;;) all.push(new Uint8Array(1e6)); } catch { return all.length; } }` },
];

const WALKS = 12;
const META = { params: { list: [] } };
const KEEPER = 'LIVE';
const shoppers = [item(1, 100, { sku: KEEPER }), item(2, 100, { sku: 'OK' })];
const trialOf = ({ sku, quantity, unitPriceMinor }: typeof shoppers[number]) =>
  ({ input: { sku, quantity, unitPriceMinor, netMinor: quantity * unitPriceMinor }, context: at });

describe('the memory of scripts', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ workers: 1 });
  });
  afterAll(() => sandbox.close());

  it.each(WAYS)('holds nothing of one input at the next: $name', async (way) => {
    const version = await sandbox.read(sourceOf(way, (_keep, look) => look));
    const keeper = await sandbox.read(sourceOf(way, (keep, look) => `${look}; if (input.sku === '${KEEPER}') { ${keep} }`));
    const [clean] = await sandbox.try(version, [trialOf(shoppers[1]!)]);

    const seen = await sandbox.try(keeper, [shoppers[1]!, shoppers[0]!, shoppers[1]!, shoppers[1]!].map(trialOf));

    // If the attempt itself failed, that failure is the answer to everything later in the same context.
    const broke = seen[1] instanceof ScriptFault && seen[1] === seen[2];
    if (!broke) expect([seen[0], seen[2], seen[3]].map(reportOf)).toEqual([reportOf(clean), reportOf(clean), reportOf(clean)]);
  });

  it.each(WAYS)('holds nothing of one input at the next, nor for a script that shares a machine: $name', async (way) => {
    const keeping = (keep: string, look: string): string => `${look}; if (input.sku === '${KEEPER}') { ${keep} }`;
    const version = await sandbox.read(sourceOf(way, (_keep, look) => look, { name: 'looker' }));
    const keeper = await sandbox.read(sourceOf(way, keeping, { name: 'keeper', priority: 1 }));
    const [clean] = await sandbox.try(version, [trialOf(shoppers[1]!)]);
    const rules = [keeper, version].map((each) => sandbox.strategy(each));

    const lines: PricedLine[] = [];
    for (const [at, shopper] of [shoppers[1]!, shoppers[0]!, shoppers[1]!, shoppers[1]!].entries()) {
      lines.push(...(await priceBy(rules, [{ ...shopper, unitPriceMinor: 100 + at }])).lines);
    }

    const seen = (name: string): unknown[] => lines.filter(({ sku }) => name === 'looker' || sku !== KEEPER)
      .map(({ adjustments }) => adjustments.filter(({ strategy }) => strategy === name).map(({ message }) => message));
    expect(seen('looker')).toEqual(Array(4).fill(clean instanceof ScriptFault ? [] : reportOf(clean)));
    // If the attempt itself failed, that failure is the answer to everything later in the same memory.
    if (!lines.some(({ degraded }) => degraded)) expect(seen('keeper')).toEqual(Array(3).fill(reportOf(clean)));
  });

  it('shows one shopper no data of another', async () => {
    const spy = sandbox.strategy(await sandbox.read(source(
      `const seen = last; last = input.sku; return { adjustments: [{ code: 'x', amountMinor: 0, message: 'before me: ' + seen }] };`,
      { name: 'spy' }, `let last = 'nobody';`,
    )));

    const messages: (string | undefined)[] = [];
    for (const shopper of [...shoppers, ...shoppers.map((each) => ({ ...each, quantity: 9 }))]) {
      messages.push((await priceBy([spy], [shopper])).lines[0]?.adjustments[0]?.message);
    }

    expect(messages).toEqual(Array(4).fill('before me: nobody'));
  });

  it('counts nothing from call to call, so a counter charges everybody the same', async () => {
    const counter = sandbox.strategy(await sandbox.read(source(
      `count += 1; return { adjustments: [{ code: 'x', amountMinor: -count, message: 'x' }] };`, { name: 'counter' }, 'let count = 0;',
    )));

    const baskets = await Promise.all(Array.from({ length: 40 }, (_, at) => priceBy([counter], [item(1 + at, 100)])));

    expect(baskets.map(({ lines: [line] }) => line!.grossMinor - line!.netMinor)).toEqual(Array(40).fill(1));
  });

  it('does not blame an answer for memory that earlier ones used', async () => {
    const large = sandbox.strategy(await sandbox.read(source(
      `const all = { parts: [] }; all.self = all; for (let part = 0; part < 8; part += 1) all.parts.push(new Uint8Array(1e6));
       for (let turn = 0; turn < 9; turn += 1) ({ turn });
       return { adjustments: [{ code: 'x', amountMinor: -1, message: 'x' }] };`, { name: 'large' },
    )));

    for (const quantity of [1, 2, 3]) {
      expect(await priceBy([large], [item(quantity, 100)])).toMatchObject({ totalMinor: 100 * quantity - 1, degraded: false });
    }
  });

  it('is frozen as far as a script can reach', async () => {
    const walker = await sandbox.read(source(WALK, { params: { list: [{ deep: [] }] } }));
    // In parts, because no answer may take long.
    const trials = Array.from({ length: WALKS }, (_, part) => ({
      input: {
        ...trialOf(item(1 + part, 100)).input, attributes: { deep: [{}] }, lots: [{ lot: 'a', quantity: 1, expiresOn: '2026-12-01' }],
      },
      context: at,
    }));

    const walked = (await sandbox.try(walker, trials)).map(reportOf);

    expect(walked).toEqual(Array(WALKS).fill([expect.stringMatching(/^[1-9]\d+ frozen, not: $/)]));
  });

  it('lets a script change its own objects, and no shared ones', async () => {
    const own = await sandbox.read(source(`
      class Refused extends Error { constructor(message) { super(message); this.name = 'Refused'; } }
      const price = { toString: null };
      price.toString = () => 'mine'; price.valueOf = () => 4; const bare = {}; bare.toString = () => 'bare'; bare.constructor = 7;
      let seen; try { throw new Refused('no'); } catch (error) { seen = error.name + error.message; }
      return { adjustments: [{ code: 'x', amountMinor: 0, message: seen + price + bare + bare.constructor + new Error('x').name }] };
    `));

    expect(reportOf((await sandbox.try(own, [trialOf(shoppers[0]!)]))[0])).toEqual(['Refusedno4bare7Error']);
  });
});

function reportOf(answer: Answered | undefined): unknown {
  return answer instanceof ScriptFault ? answer.code : answer?.adjustments.map(({ message }) => message);
}

function sourceOf({ before, look, keep }: Way, ofBody: (keep: string, look: string) => string, meta: Partial<Meta> = {}): string {
  const seen = `let seen; try { seen = String(${look}); } catch (error) { seen = 'refused'; }`;
  const helpers = /(function \w+\(.*)$/s.exec(keep)?.[1] ?? '';
  const tried = `try { ${helpers === '' ? keep : keep.slice(0, keep.indexOf(helpers))} } catch {}`;
  const body = ofBody(tried, seen);
  return source(`${helpers} ${body} return { adjustments: [{ code: 'x', amountMinor: 0, message: 'saw ' + seen }] };`, { ...META, ...meta }, before);
}

/**
 * Walks all objects from a part of the globals, from the context and from the input, and reports the ones it could
 * change.
 */
const WALK = `
  const names = Reflect.ownKeys(globalThis).filter((_, at) => at % ${WALKS} === input.quantity - 1);
  const open = [...names.map((name) => [String(name), globalThis[name]]), ['ctx', ctx], ['input', input], ['generator', Object.getPrototypeOf(function* () {})],
    ['iterator', Object.getPrototypeOf([].values())], ['helper', Object.getPrototypeOf([].values().map((x) => x))],
    ['matches', Object.getPrototypeOf(''.matchAll(/x/g))], ['strict', Object.getOwnPropertyDescriptor(arguments, 'callee').get]];
  const seen = new Set();
  const loose = [];
  if (!Object.isFrozen(globalThis)) loose.push('global');
  while (open.length > 0) {
    const [path, value] = open.pop();
    if (value === globalThis) continue;
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value);
    if (!Object.isFrozen(value)) loose.push(path);
    open.push([path + '.__proto__', Object.getPrototypeOf(value)]);
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      for (const part of ['value', 'get', 'set']) open.push([path + '.' + String(key), property[part]]);
    }
  }
  return { adjustments: [{ code: 'x', amountMinor: 0, message: (seen.size + ' frozen, not: ' + loose.join()).slice(0, 400) }] };
`;
