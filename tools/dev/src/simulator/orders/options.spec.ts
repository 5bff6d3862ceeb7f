import { parseOptions } from './options.ts';

describe('the command line of npm run simulate:orders', () => {
  it.each([
    [[], { url: 'http://127.0.0.1:3000', rate: 10, market: 'm1', durationMs: Infinity, seed: 1 }],
    [
      ['--url', 'http://localhost:4000/', '--rate', '200', '--market', "Bob's list", '--duration', '30', '--seed', '7'],
      { url: 'http://localhost:4000', rate: 200, market: "Bob's list", durationMs: 30_000, seed: 7 },
    ],
    [['--help'], 'help'],
  ])('%j means %j', (args, options) => {
    expect(parseOptions(args)).toEqual(options);
  });

  it.each([
    [['--rate', '0'], /--rate takes a number from 1 to 5000, not '0'/],
    [['--url', 'nowhere'], /--url takes a URL/],
    [['--fast'], /Unknown option/],
  ])('%j is refused', (args, reason) => {
    expect(() => parseOptions(args)).toThrow(reason);
  });
});
