import { parseOptions } from './options.ts';

describe('the command line of npm start', () => {
  it.each([
    [[], { oneProcess: false, secure: false, basketServers: 2 }],
    [['--basket-servers', '5'], { oneProcess: false, secure: false, basketServers: 5 }],
    [['--one-process'], { oneProcess: true, secure: false, basketServers: 2 }],
    [['--shoppers', '50'], { oneProcess: false, secure: false, basketServers: 2, shoppers: { count: 50 } }],
    [
      ['--one-process', '--shoppers', '5', '--seed', '7', '--duration', '30'],
      { oneProcess: true, secure: false, basketServers: 2, shoppers: { count: 5, seed: '7', durationSeconds: '30' } },
    ],
    [['--secure'], { oneProcess: false, secure: true, basketServers: 2 }],
    [['--help'], 'help'],
  ])('%j means %j', (args, options) => {
    expect(parseOptions(args)).toEqual(options);
  });

  it.each([
    [['--basket-servers', '0'], /from 1 to 16/],
    [['--basket-servers', 'two'], /from 1 to 16, not 'two'/],
    [['--one-process', '--basket-servers', '2'], /exclude each other/],
    [['--shoppers', 'many'], /from 1 to 2000, not 'many'/],
    [['--shoppers', '5', '--duration', '1m'], /--duration takes a whole number, not '1m'/],
    [['--seed', '7'], /are for --shoppers/],
    [['--fast'], /Unknown option '--fast'/],
    [['gateway'], /Unexpected argument 'gateway'/],
  ])('%j is refused', (args, reason) => {
    expect(() => parseOptions(args)).toThrow(reason);
  });
});
