import { parseOptions } from './options.ts';

describe('the command line of npm start', () => {
  it.each([
    [[], { oneProcess: false, basketServers: 2 }],
    [['--basket-servers', '5'], { oneProcess: false, basketServers: 5 }],
    [['--one-process'], { oneProcess: true, basketServers: 2 }],
    [['--help'], 'help'],
  ])('%j means %j', (args, options) => {
    expect(parseOptions(args)).toEqual(options);
  });

  it.each([
    [['--basket-servers', '0'], /from 1 to 16/],
    [['--basket-servers', 'two'], /from 1 to 16, not 'two'/],
    [['--one-process', '--basket-servers', '2'], /exclude each other/],
    [['--fast'], /Unknown option '--fast'/],
    [['gateway'], /Unexpected argument 'gateway'/],
  ])('%j is refused', (args, reason) => {
    expect(() => parseOptions(args)).toThrow(reason);
  });
});
