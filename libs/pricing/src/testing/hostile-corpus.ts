import type { Json, Meta } from '../strategy.ts';

/** The end of a hostile script: at the reading of its source, or with a fault on the price it was asked for. */
export type HostileEnd =
  | 'refused' | 'honest'
  | 'threw' | 'ticks' | 'memory' | 'stack' | 'asynchronous' | 'contract' | 'killed';

/** A malicious script. */
export interface HostileScript {
  readonly name: string;
  /** The permitted ends. The speed of the machine may decide between two. */
  readonly ends: readonly HostileEnd[];
  /** The body of `price(input, ctx)`. */
  readonly body: string;
  /** Code that runs when the script loads. */
  readonly before?: string;
  /** Additional fields of its meta. */
  readonly meta?: Partial<Meta>;
}

/**
 * The source of a hostile script that misbehaves only if `when`, an expression on `input` and `ctx`, is true. Otherwise
 * it changes no price, so it passes its test and gets to live prices.
 */
export function hostileSource({ body, before, meta }: HostileScript, own: Pick<Meta, 'name' | 'scope'>, when: string): string {
  const input = { sku: 'HARMLESS', quantity: 1, unitPriceMinor: 100, netMinor: 100 };
  const whole: Meta = {
    contract: 1, version: '1.0.0', kind: 'line', title: own.name, priority: 0, stack: 'stack',
    tests: [{ name: 'harmless', input, expect: { netMinor: 100 } }], ...meta, ...own,
  };
  return `${before ?? ''}
export default { meta: ${JSON.stringify(whole)}, price(input, ctx) { if (!(${when})) return ${price('0')}; ${body} } };`;
}

const price = (amount: string): string =>
  `{ adjustments: [{ code: 'x', amountMinor: ${amount}, message: 'x' }] }`;
const threw = ['threw'] as const;
const contract = ['contract'] as const;
const honest = ['honest'] as const;
const refused = ['refused'] as const;
/** Replaces the answer by a forged one, if the sandbox permits it. */
const forge = (numbers: string): string =>
  `const forged = new ArrayBuffer(8192); new Float64Array(forged).set(${numbers});
  Object.defineProperty(Object.getPrototypeOf(Float64Array.prototype), 'buffer', { get: () => forged }); return ${price('0')};`;
const texts = (code: string, message = `'x'`): string => `return { adjustments: [{ code: ${code}, amountMinor: 0, message: ${message} }] };`;
const list = (length: string): string =>
  `return { adjustments: new Proxy([], { get: (_t, key) => key === 'length' ? ${length} : { code: 'x', amountMinor: 0, message: 'x' } }) };`;
const many = (amounts: string): string =>
  `return { adjustments: ${amounts}.map((amountMinor) => ({ code: 'x', amountMinor, message: 'x' })) };`;
// A loop ends by its ticks, unless a single step of it takes longer than a worker may be silent.
const endless = ['ticks', 'killed'] as const;
const bomb = ['memory', 'ticks', 'killed', 'threw', 'stack'] as const;

/**
 * Scripts that try to escape, to stall, to grow or to lie. Run them against everything that has to resist them. Each
 * takes 0 off a price, or harms only itself.
 */
export const hostileCorpus: readonly HostileScript[] = [
  // Escapes.
  { name: 'process through a constructor', ends: threw, body: `return this.constructor.constructor('return process')().exit(1);` },
  { name: 'process through Function', ends: threw, body: `return Function('return process')().exit(1);` },
  { name: 'process through an error', ends: threw, body: `try { null.x } catch (e) { return e.constructor.constructor('return process')().exit(1); }` },
  { name: 'process through the input', ends: threw, body: `return input.constructor.constructor('return process')().exit(1);` },
  { name: 'process through the arithmetic', ends: threw, body: `return ctx.money.mulDiv.constructor('return process')().exit(1);` },
  { name: 'process through a generator', ends: threw, body: `return Object.getPrototypeOf(function* () {}).constructor('yield process')().next().value.exit(1);` },
  { name: 'a module', ends: threw, body: `return require('node:fs').readFileSync('/etc/passwd');` },
  { name: 'a dynamic import', ends: threw, body: `return import('node:fs');` },
  { name: 'QuickJS modules', ends: threw, body: `return std.loadFile('/etc/passwd') || os.exec(['id']);` },
  { name: 'a global of the host', ends: threw, body: `return fetch('http://127.0.0.1:1');` },
  { name: 'a timer', ends: threw, body: `setTimeout(() => {}, 0); return ${price('0')};` },
  { name: 'the clock', ends: threw, body: `return ${price('-(Date.now() % 2)')};` },
  { name: 'chance', ends: threw, body: `return ${price('-Math.round(Math.random())')};` },
  { name: 'prepareStackTrace', ends: refused, before: `Error.prepareStackTrace = (_e, frames) => frames;`, body: `return new Error('x').stack[0].getThis().process.exit(1);` },
  { name: 'a proxy around the answer', ends: [...threw, ...contract], body: `return new Proxy({}, { get: (_t, key) => { throw new Error(String(key)); } });` },
  // Endless work.
  { name: 'an endless loop', ends: endless, body: `while (true);` },
  { name: 'an endless loop that catches', ends: endless, body: `for (;;) { try { for (;;); } catch {} }` },
  { name: 'an endless loop in finally', ends: endless, body: `try { for (;;); } finally { for (;;); }` },
  { name: 'an endless loop inside the engine', ends: ['killed'], body: `[].indexOf.call({ length: 2 ** 53 - 1 }, 1);` },
  { name: 'an endless loop as it loads', ends: ['refused'], before: `for (;;);`, body: `return ${price('0')};` },
  { name: 'recursion through finally', ends: [...endless, 'stack'], body: `function f() { try { f(); } finally { f(); } } f();` },
  { name: 'an endless getter', ends: endless, body: `return { get adjustments() { for (;;); } };` },
  { name: 'an endless toJSON', ends: contract, body: `return { toJSON() { for (;;); } };` },
  { name: 'an endless toString', ends: contract, body: `return { adjustments: [{ code: { toString() { for (;;); } }, amountMinor: 0, message: 'x' }] };` },
  { name: 'an endless error message', ends: endless, body: `throw { get message() { for (;;); } };` },
  { name: 'an endless iterator', ends: endless, body: `return [...{ *[Symbol.iterator]() { for (;;) yield 1; } }];` },
  { name: 'an endless sort', ends: endless, body: `[2, 1].sort(() => { for (;;); }); return ${price('0')};` },
  { name: 'a regular-expression bomb', ends: endless, body: `return /^(a+)+$/.test('a'.repeat(40) + '!') ? ${price('0')} : ${price('0')};` },
  { name: 'an async flood', ends: threw, body: `const f = async () => { for (;;) await f(); }; f(); return ${price('0')};` },
  { name: 'a microtask flood', ends: threw, body: `const f = () => queueMicrotask(f); f(); return ${price('0')};` },
  { name: 'a promise', ends: threw, body: `return Promise.resolve(${price('0')});` },
  { name: 'a thenable', ends: ['asynchronous'], body: `return { ...${price('0')}, then(done) { done(); } };` },
  { name: 'native work without an end', ends: bomb, body: `new Array(1e9).join('x'); return ${price('0')};` },
  { name: 'a BigInt bomb', ends: bomb, body: `let x = 3n; for (;;) x *= x;` },
  // Memory growth.
  { name: 'an array bomb', ends: bomb, body: `const all = []; for (;;) all.push(new Array(1000).fill(0));` },
  { name: 'an array bomb that catches', ends: ['honest', ...bomb], body: `const all = []; try { for (;;) all.push({}); } catch {} return ${price('0')};` },
  { name: 'a long array', ends: bomb, body: `const a = []; a.length = 4e9; return a.fill(0);` },
  { name: 'a typed-array bomb', ends: bomb, body: `const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1));` },
  { name: 'a huge typed array', ends: bomb, body: `return new Float64Array(2 ** 31);` },
  { name: 'a string bomb', ends: bomb, body: `let s = 'x'; for (;;) s += s;` },
  { name: 'a replace bomb', ends: bomb, body: `return 'a'.repeat(1e6).replace(/a/g, 'b'.repeat(1e4));` },
  { name: 'a 30 MB answer', ends: [...contract, ...bomb], body: `return { adjustments: [{ code: 'x', amountMinor: 0, message: 'x'.repeat(30e6) }] };` },
  { name: 'a million adjustments', ends: [...contract, ...bomb], body: `return { adjustments: Array.from({ length: 1e5 }, () => ({ code: 'x', amountMinor: 0, message: 'x' })) };` },
  { name: 'deep recursion', ends: [...threw, 'stack'], body: `const f = () => f() + 1; return f();` },
  { name: 'a deep answer', ends: [...contract, ...bomb], body: `let o = {}; for (let i = 0; i < 1e5; i += 1) o = { o }; return o;` },
  { name: 'deep JSON', ends: [...threw, ...bomb], body: `return JSON.parse('['.repeat(1e5));` },
  { name: 'deep source', ends: threw, body: `return eval('('.repeat(3e4));` },
  { name: 'a list that holds itself', ends: ['stack', ...bomb], body: `const a = []; a[0] = a; return String(a);` },
  { name: 'a meta of 10 MB', ends: ['refused'], body: `return ${price('0')};`, before: `const meta = { title: 'x'.repeat(1e7) }; export { meta as m }; Object.prototype.toJSON = () => meta.title;` },
  // Wrong answers.
  { name: 'not a number', ends: contract, body: `return ${price('NaN')};` },
  { name: 'without end', ends: contract, body: `return ${price('-Infinity')};` },
  { name: 'half a penny', ends: contract, body: `return ${price('-0.5')};` },
  { name: 'dearer', ends: contract, body: `return ${price('5')};` },
  { name: 'dearer by an overflow', ends: contract, body: `return ${price('-Number.MAX_VALUE')};` },
  { name: 'an amount that is a text', ends: contract, body: `return ${price(`'-1'`)};` },
  { name: 'an amount that is a BigInt', ends: contract, body: `return ${price('-1n')};` },
  { name: 'a negative count', ends: contract, body: `return { adjustments: [{ code: 'x', amountMinor: 0, units: -1, message: 'x' }] };` },
  { name: 'nothing', ends: threw, body: `` },
  { name: 'no list', ends: contract, body: `return { adjustments: 'none' };` },
  { name: 'a replaced built-in', ends: refused, before: `Array.isArray = () => true; JSON.stringify = () => 'x'; Float64Array = null; Object.freeze = null;`, body: `return ${price('0')};` },
  { name: 'a poisoned prototype', ends: refused, before: `Object.defineProperty(Array.prototype, 0, { set() { throw new Error('mine'); } }); Object.prototype.then = 1;`, body: `return ${price('0')};` },
  { name: 'a changed input', ends: threw, body: `input.netMinor = 0; return ${price('0')};` },
  { name: 'an empty code', ends: contract, body: texts(`''`) },
  { name: 'no message', ends: contract, body: texts(`'x'`, 'undefined') },
  { name: 'a code of 65 characters', ends: contract, body: texts(`'x'.repeat(65)`) },
  { name: 'a code that is an object', ends: contract, body: texts(`new String('x')`) },
  { name: 'half a unit', ends: contract, body: `return { adjustments: [{ code: 'x', amountMinor: 0, units: 1.5, message: 'x' }] };` },
  { name: 'units without end', ends: contract, body: `return { adjustments: [], skipped: [{ code: 'x', reason: 'x', unitsNeeded: 1e308 }] };` },
  { name: 'hints that are none', ends: contract, body: `return { adjustments: [], skipped: 'no' };` },
  { name: 'nothing but an object', ends: contract, body: `return {};` },
  { name: 'a number', ends: contract, body: `return 7;` },
  { name: 'a generator', ends: contract, body: `return (function* () { yield ${price('0')}; })();` },
  { name: 'an asynchronous answer', ends: threw, body: `return (async () => (${price('0')}))();` },
  { name: 'minus nothing', ends: honest, body: `return ${price('-0')};` },
  // Texts that no storage takes, and endless texts.
  { name: 'a U+0000 in a code', ends: contract, body: texts(String.raw`'a\0b'`) },
  { name: 'a U+0000 in a message', ends: contract, body: texts(`'x'`, String.raw`'a\0b'`) },
  { name: 'half a character in a code', ends: contract, body: texts(String.raw`'\ud83d'`) },
  { name: 'half a character in a message', ends: contract, body: texts(`'x'`, String.raw`'\udfff and more'`) },
  { name: 'half a character in a reason', ends: contract, body: String.raw`return { adjustments: [], skipped: [{ code: 'x', reason: 'a\ud800' }] };` },
  { name: 'a name of the prototype as a code', ends: honest, body: texts(`'__proto__'`, `'constructor'`) },
  { name: 'what it throws cannot be stored', ends: threw, body: String.raw`throw new Error('a\0b\ud800');` },
  { name: '33 adjustments', ends: contract, body: many('Array(33).fill(0)') },
  { name: '33 hints', ends: contract, body: `return { adjustments: [], skipped: Array(33).fill({ code: 'x', reason: 'x' }) };` },
  { name: 'a fat answer', ends: contract, body: `const text = (at) => (input.sku + at).padEnd(500, '\u0800');
    return { adjustments: Array.from({ length: 32 }, (_, at) => ({ code: 'c' + at, amountMinor: 0, message: text(at) })), skipped: Array.from({ length: 32 }, (_, at) => ({ code: 'c' + at, reason: text(at) })) };` },
  { name: 'an answer of small entries', ends: contract, body: many('Array(32).fill(0)') },
  { name: 'an answer that JSON makes long', ends: contract, body: texts(`'x'`, String.raw`'\u0001'.repeat(500)`) },
  // Amounts out of range.
  { name: 'amounts that cancel out', ends: contract, body: many('[Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]') },
  { name: 'many amounts that cancel out', ends: contract, body: many('[...Array(16).fill(Number.MAX_SAFE_INTEGER), ...Array(16).fill(-Number.MAX_SAFE_INTEGER)]') },
  { name: 'halves that cancel out', ends: contract, body: many('[0.5, -0.5]') },
  { name: 'discounts that sum up to too much', ends: contract, body: many('Array(4).fill(-(10 ** 15))') },
  { name: 'a surcharge at the edge of what is exact', ends: contract, meta: { surcharge: true }, body: many('[Number.MAX_SAFE_INTEGER - 10 ** 6]') },
  { name: 'a surcharge of ten thousand billions', ends: contract, meta: { surcharge: true }, body: many('[10 ** 12]') },
  // Answers that change while they are read.
  { name: 'a getter that changes its mind', ends: contract, body: `let reads = 0; return { adjustments: [{ code: 'x', get amountMinor() { reads += 1; return reads > 1 ? 0 : 1; }, message: 'x' }] };` },
  { name: 'a list of any length', ends: [...contract, ...threw], body: list('4294967295') },
  { name: 'a list of half a length', ends: [...contract, ...threw], body: list('2.5') },
  { name: 'a list of no length', ends: contract, body: list('NaN') },
  { name: 'a list shorter than nothing', ends: contract, body: list('-1') },
  { name: 'a list whose length is a text', ends: [...contract, ...honest], body: list(`'3'`) },
  { name: 'a list that grows as it is looked at', ends: contract, body: `let looks = 0; ${list('(looks += 1) > 1 ? 1e9 : 33')}` },
  { name: 'a list with a length of its own', ends: [...contract, ...honest], body: `class Long extends Array { get length() { return 3; } } return { adjustments: new Long() };` },
  { name: 'an entry that throws when it is read', ends: threw, body: `return { adjustments: [new Proxy({}, { get() { throw null; } })] };` },
  // Thrown values.
  { name: 'null', ends: threw, body: `throw null;` },
  { name: 'a symbol', ends: threw, body: `throw Symbol('x');` },
  { name: 'a text of a megabyte', ends: threw, body: `throw 'x'.repeat(1e6);` },
  { name: 'a proxy that is no longer one', ends: threw, body: `const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy;` },
  { name: 'a proxy that throws when it is looked at', ends: threw, body: `throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } });` },
  { name: 'a proxy that throws as it loads', ends: refused, before: `throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } });`, body: `return ${price('0')};` },
  { name: `the engine's own error`, ends: threw, body: `throw new InternalError('out of memory');` },
  { name: 'a thrown promise-like', ends: threw, body: `throw { then(done) { done(); } };` },
  // Replaced parts of the answer's reader.
  { name: 'a forged answer without end', ends: threw, body: forge('[0, 0, 1e15]') },
  { name: 'a forged amount', ends: threw, body: forge('[0, 0, 1, 0, -42, -1, 0, 0]') },
  { name: 'a forged count of words', ends: threw, body: forge('[1e9, 0]') },
  { name: 'a forged status', ends: threw, body: forge('[0, NaN]') },
  { name: 'an answer forged as it loads', ends: refused, before: `Object.defineProperty(Object.getPrototypeOf(Float64Array.prototype), 'buffer', { get: () => ({}) });`, body: `return ${price('0')};` },
  { name: 'a toJSON of nothing', ends: threw, body: `Array.prototype.toJSON = () => undefined; ${texts(`'new'`, `'also new'`)}` },
  { name: 'a toJSON of null', ends: threw, body: `Array.prototype.toJSON = () => null; ${texts(`'newer'`, `'also newer'`)}` },
  { name: 'a toJSON of texts', ends: threw, body: `String.prototype.toJSON = () => 'y'.repeat(2e6); ${texts(`'newest'`)}` },
  { name: 'a toJSON of everything', ends: threw, body: `Object.prototype.toJSON = () => { throw new Error('no JSON'); }; ${texts(`'last'`)}` },
  { name: 'a species of its own', ends: threw, body: `Object.defineProperty(ArrayBuffer, Symbol.species, { get() { for (;;); } }); return ${price('0')};` },
  { name: 'a constructor of its own', ends: threw, body: `Object.defineProperty(ArrayBuffer.prototype, 'constructor', { value: Array }); return ${price('0')};` },
  { name: 'an iterator of its own', ends: threw, body: `Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1; }; return ${price('0')};` },
  { name: 'lists that spread', ends: threw, body: `Array.prototype[Symbol.isConcatSpreadable] = true; return ${price('0')};` },
  { name: 'objects that are primitive', ends: threw, body: `Object.prototype[Symbol.toPrimitive] = () => 9; return ${price('0')};` },
  { name: 'a setter among the list items', ends: threw, body: `Object.defineProperty(Array.prototype, 3, { set() { throw 1; } }); return ${price('0')};` },
  { name: 'a method of arrays', ends: threw, body: `Array.prototype.push = Array.prototype.map = Array.prototype.sort = () => 0; return ${price('0')};` },
  { name: 'all its globals', ends: threw, body: `for (const name of Object.getOwnPropertyNames(globalThis)) delete globalThis[name]; return ${price('0')};` },
  { name: 'another strategy in its place', ends: threw, body: `globalThis.strategy = { default: { meta: {}, price: () => (${price('-77')}) } }; return ${price('0')};` },
  { name: 'the arithmetic', ends: threw, body: `ctx.money.mulDiv = () => -50; return ${price('0')};` },
  { name: 'a prototype of the arithmetic', ends: threw, body: `ctx.money.mulDiv.call = () => -50; return ${price('0')};` },
  { name: 'buffers that shrink and leave', ends: [...honest, ...threw], body: `const own = new ArrayBuffer(64, { maxByteLength: 128 }); new Float64Array(own); own.resize(0); own.transfer(); return ${price('0')};` },
  { name: 'code of texts', ends: threw, body: `(0, eval)('var leaked = 1'); return ${price('0')};` },
  { name: 'code of texts in a function', ends: threw, body: `new Function('return this.leaked = 1')(); return ${price('0')};` },
  // Memories of other inputs.
  { name: 'a counter', ends: honest, before: `let count = -1;`, body: `count += 1; return ${price('-(count % 50)')};` },
  { name: 'the last input', ends: honest, before: `let last; const seen = []; const all = new Map();`, body: `if (last !== undefined || seen.length > 0 || all.size > 0) return ${price('-50')};
    last = input.sku; seen.push(input); all.set(input.sku, input); return ${price('0')};` },
  { name: 'a note on a built-in', ends: threw, body: `Math.last = input.sku; return ${price('0')};` },
  { name: 'a note on what it is given', ends: threw, body: `ctx.money.last = input.sku; return ${price('0')};` },
  { name: 'a global of its own', ends: threw, body: `last = input.sku; return ${price('0')};` },
  { name: 'room that is left', ends: bomb, body: `const all = []; try { for (;;) all.push(new Uint8Array(1e6)); } catch { return ${price('-(all.length % 2)')}; }` },
  // Wrong metas.
  { name: 'a U+0000 in its title', ends: refused, meta: { title: 'a\0b' }, body: `return ${price('0')};` },
  { name: 'half a character in its title', ends: refused, meta: { title: '\ud800' }, body: `return ${price('0')};` },
  { name: 'a U+0000 in a scope', ends: refused, meta: { scope: { skus: ['\0'] } }, body: `return ${price('0')};` },
  { name: 'half a character in its parameters', ends: refused, meta: { params: { deep: [{ '\udc00': 1 }] } }, body: `return ${price('0')};` },
  { name: 'parameters without a floor', ends: refused, meta: { params: nested(200) }, body: `return ${price('0')};` },
  { name: 'more parameters than may be', ends: refused, meta: { params: Array<string>(10_000).fill('xxxxxxxx') }, body: `return ${price('0')};` },
];

function nested(depth: number): Json {
  return JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as Json;
}
