import { systemRuntime } from '@aisle/std';
import { compile } from './compile.ts';
import { factoryOf, priceFactoryOf } from './factory.ts';

const META = `meta: { title: 'of tests,price(s)', tests: [basketOf(1,price => price)] }`;
const METHOD = `price(input) { return FROM + input.quantity; }`;

describe('the factory of a script', () => {
  it.each<[what: string, source: string]>([
    ['a module', `const FROM = 3; export default { ${META}, ${METHOD} };`],
    ['a named export', `const strategy = { ${META}, ${METHOD} }; export default strategy;`],
    ['several exports', `export const FROM = 3, other = 1; export default { ${META}, ${METHOD} };`],
    ['no module', `module.exports = { default: { ${METHOD} } };`],
    ['a decorated class', `@seal class Rule {} function seal(c) {} export default { ${META}, ${METHOD} };`],
  ])('of %s returns its default export', async (_what, source) => {
    const text = factoryOf(await compile(source, systemRuntime));

    expect(text).toMatch(/^\(function\(\)\{"use strict";/);
    expect(text).toMatch(/\nreturn [\w.]+;\n\}\)$/);
    expect(text).toContain('FROM+input.quantity');
  });

  it.each<[what: string, source: string, isWithoutMeta: boolean, isAlone: boolean]>([
    ['nothing but its price', `export default { ${META}, ${METHOD} };`, true, true],
    ['constants', `const FROM = 3, NAME = 'x'; const OFF = -0.5; export default { ${META}, ${METHOD} };`, true, true],
    ['another method', `export default { ${META}, ${METHOD}, other() {} };`, true, false],
    ['an arrow function', `export default { ${META}, price: (input) => 3 };`, true, false],
    ['another export in its place', `export default { ${META}, ${METHOD} } && (() => { let FROM = 1; return { ${METHOD} }; })();`, true, false],
    ['types', `const FROM: number = 3; export default { ${META}, ${METHOD} } satisfies object;`, true, true],
    ['a function', `export default { ${META}, ${METHOD} }; function basketOf(x) { return x; }`, true, false],
    ['a variable', `let FROM = 3; export default { ${META}, ${METHOD} };`, true, false],
    ['a list', `const FROM = [3]; export default { ${META}, ${METHOD} };`, true, false],
    ['a meta that its price looks at', `const own = { ${META}, price() { return own.meta; } }; export default own;`, false, false],
    ['its meta last', `export default { ${METHOD}, ${META} };`, false, false],
  ])('of a script with %s leaves out the meta', async (_what, source, isWithoutMeta, isAlone) => {
    const { text, alone } = priceFactoryOf(await compile(source, systemRuntime), isExpression);

    expect(text.includes('meta:')).toBe(!isWithoutMeta);
    expect(alone === '{price(input){return FROM+input.quantity}}').toBe(isAlone);
  });
});

/** A stand-in for QuickJS on these texts: true if every bracket is closed. */
function isExpression(text: string): boolean {
  const bare = text.replaceAll(/"[^"]*"/g, '');
  return [['(', ')'], ['[', ']'], ['{', '}']].every(([open, close]) => bare.split(open!).length === bare.split(close!).length) && !bare.includes('"');
}
