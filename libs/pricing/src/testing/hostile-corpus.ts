/** How a hostile script ends: at the reading of its source, or with a fault on the price it was asked for. */
export type HostileEnd =
  | 'refused' | 'honest'
  | 'threw' | 'ticks' | 'memory' | 'stack' | 'asynchronous' | 'contract' | 'killed';

/** A script that means harm. */
export interface HostileScript {
  readonly name: string;
  /** Which ends are as good as any other: how fast a machine is may decide between two. */
  readonly ends: readonly HostileEnd[];
  /** The body of `price(input, ctx)`. */
  readonly body: string;
  /** What runs as the script loads. */
  readonly before?: string;
}

const price = (amount: string): string =>
  `{ adjustments: [{ code: 'x', amountMinor: ${amount}, message: 'x' }] }`;
const threw = ['threw'] as const;
const contract = ['contract'] as const;
// A loop ends by its ticks, unless a single step of it takes longer than a worker may be silent.
const endless = ['ticks', 'killed'] as const;
const bomb = ['memory', 'ticks', 'killed', 'threw', 'stack'] as const;

/**
 * Scripts that try to get out, to stall, to swell or to lie. Run them against whatever has to stand
 * them; each takes a price of 0 off, or harms nobody but itself.
 */
export const hostileCorpus: readonly HostileScript[] = [
  // Ways out.
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
  { name: 'prepareStackTrace', ends: threw, before: `Error.prepareStackTrace = (_e, frames) => frames;`, body: `return new Error('x').stack[0].getThis().process.exit(1);` },
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
  // Swelling.
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
  { name: 'deep source', ends: ['stack', ...bomb], body: `return eval('('.repeat(3e4));` },
  { name: 'a list that holds itself', ends: ['stack', ...bomb], body: `const a = []; a[0] = a; return String(a);` },
  { name: 'a meta of 10 MB', ends: ['refused'], body: `return ${price('0')};`, before: `const meta = { title: 'x'.repeat(1e7) }; export { meta as m }; Object.prototype.toJSON = () => meta.title;` },
  // Lies.
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
  { name: 'a replaced built-in', ends: ['honest', ...contract, ...threw], before: `Array.isArray = () => true; JSON.stringify = () => 'x'; Float64Array = null; Object.freeze = null;`, body: `return ${price('0')};` },
  { name: 'a poisoned prototype', ends: ['refused', 'honest', ...contract, ...threw], before: `Object.defineProperty(Array.prototype, 0, { set() { throw new Error('mine'); } }); Object.prototype.then = 1;`, body: `return ${price('0')};` },
  { name: 'a changed input', ends: threw, body: `'use strict'; input.netMinor = 0; return ${price('0')};` },
];
