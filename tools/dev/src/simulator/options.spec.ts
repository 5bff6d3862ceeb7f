import { parseOptions } from './options.ts';

describe('the command line of npm run simulate', () => {
  it('has a default for everything', () => {
    expect(parseOptions([])).toEqual({
      url: 'http://127.0.0.1:3000', shoppers: 50, durationMs: Infinity, seed: 1, thinkMs: 100,
    });
  });

  it('takes its figures from there', () => {
    const args = '--url http://localhost:3001/ --shoppers 5 --duration 30 --seed 7 --think 0'.split(' ');

    expect(parseOptions(args)).toEqual({
      url: 'http://localhost:3001', shoppers: 5, durationMs: 30_000, seed: 7, thinkMs: 0,
    });
  });

  it.each([
    [['--shoppers', '0'], /from 1 to 2000/],
    [['--duration', 'long'], /--duration takes a number/],
    [['--url', 'here'], /takes a URL/],
    [['--fast'], /Unknown option '--fast'/],
  ])('%j is refused', (args, reason) => {
    expect(() => parseOptions(args)).toThrow(reason);
  });
});
