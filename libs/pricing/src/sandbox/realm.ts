/**
 * The code of a context between the prelude and the first script. After it nothing in the context keeps state between
 * calls, and no part of the prelude can be replaced:
 * - mutable facilities are removed: random numbers, weak references, shared memory, jobs, and the settings that `Error`
 * keeps behind accessors;
 * - no code can be made of texts, because a text evaluated in the global scope could leave variables there;
 * - everything that a script can reach is frozen, including the global object.
 */
export const REALM = String.raw`(() => {
'use strict';
const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { ownKeys } = Reflect;

for (const name of ['queueMicrotask', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'eval']) {
  delete globalThis[name];
}
delete Math.random;
delete Error.prepareStackTrace;
delete Error.stackTraceLimit;

// Asynchronous functions inherit from nothing here, and cannot be called.
const generator = function* () {};
const noFunction = function Function() { throw new TypeError('a text is no code here'); };
defineProperty(noFunction, 'prototype', { value: Function.prototype });
defineProperty(globalThis, 'Function', { value: noFunction });
for (const prototype of [Function.prototype, getPrototypeOf(generator)]) {
  defineProperty(prototype, 'constructor', { value: noFunction });
}

// A frozen property cannot be assigned to what inherits it, and errors are given names, objects a toString:
// with an accessor instead the assignment makes a property of their own.
const assignable = (home, name) => {
  const { value } = getOwnPropertyDescriptor(home, name);
  if (value === undefined) return;
  defineProperty(home, name, {
    get: () => value,
    set(given) {
      if (this === home) throw new TypeError('it is shared by all calls, and frozen');
      defineProperty(this, name, { value: given, writable: true, enumerable: true, configurable: true });
    },
  });
};
const errors = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, InternalError, AggregateError];
for (const home of [Object.prototype, ...errors.map(({ prototype }) => prototype)]) {
  for (const name of ownKeys(home)) assignable(home, name);
}

// Prototypes that only syntax and results lead to are reached from samples.
const step = () => ({ done: true });
const open = [
  globalThis, generator, generator(),
  [].values(), new Map().values(), new Set().values(), ''[Symbol.iterator](), ''.matchAll(/x/g),
  [].values().map(step), Iterator.from({ next: step }), Iterator.concat([]), Iterator.zip([]),
  (function () { return arguments; })(),
];
const seen = new Set();
while (open.length > 0) {
  const value = open.pop();
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
  seen.add(value);
  freeze(value);
  open.push(getPrototypeOf(value));
  const names = ownKeys(value);
  // Most are functions with nothing but a length and a name.
  if (typeof value === 'function' && names.length === 2) continue;
  for (const name of names) {
    const property = getOwnPropertyDescriptor(value, name);
    open.push(property.value, property.get, property.set);
  }
}
})()`;
