import { loaderFlags } from './worker.ts';

describe('loaderFlags', () => {
  it.each([
    [['--conditions=@aisle/source', '--import', './hook.mjs'], ['--conditions=@aisle/source', '--import', './hook.mjs']],
    [['--expose-gc', '-C', 'source', '--import=./hook.mjs'], ['-C', 'source', '--import=./hook.mjs']],
    [['--max-old-space-size=64', '--inspect', '--title', 'import'], []],
    [[], []],
  ])('keeps of %j the flags %j', (execArgv, expected) => {
    expect(loaderFlags(execArgv)).toEqual(expected);
  });
});
