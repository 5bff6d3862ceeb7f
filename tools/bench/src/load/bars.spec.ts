import { barsOf } from './bars.ts';
import type { Measured } from './comparison.ts';
import type { ContenderName } from './contenders.ts';

describe('the bars', () => {
  const all = [
    measured('typeorm', 'spread, 64 clients', { addsPerSecond: 4_000, p99Ms: 28 }),
    measured('aisle', 'spread, 64 clients', { addsPerSecond: 22_000, p99Ms: 14 }),
    measured('redis', 'spread, 256 clients', { addsPerSecond: 30_000 }),
    measured('prototype', 'spread, 256 clients', { cpuUs: 100 }),
    measured('restate', 'spread, 256 clients', { addsPerSecond: 2_500 }),
    measured('aisle', 'spread, 256 clients', { addsPerSecond: 13_000, cpuUs: 160 }),
    measured('typeorm', 'hot, 64 clients', { addsPerSecond: 900, p99Ms: 90 }),
    measured('restate', 'hot, 64 clients', { addsPerSecond: 400 }),
    measured('aisle', 'hot, 64 clients', { addsPerSecond: 8_100, p99Ms: 20 }),
  ];

  it('are met or missed by the ratios within one run', () => {
    expect(barsOf(all).map(({ bar, met }) => [bar, met])).toEqual([
      ['spread, 256 clients: CPU an add over that of prototype <= 1.5', false],
      ['spread, 64 clients: x typeorm >= 5', true],
      ['hot, 64 clients: x typeorm >= 12', false],
      ['spread, 256 clients: x redis >= 0.45', false],
      ['spread, 256 clients: x restate >= 6', false],
      ['hot, 64 clients: x restate >= 20', true],
      ['spread, 64 clients: p99 over that of typeorm <= 0.5', true],
      ['hot, 64 clients: p99 over that of typeorm <= 0.5', true],
      ['hot, 64 clients: x spread >= 0.8', false],
      ['spread, 64 clients: WAL bytes an add, full pages apart <= 600', false],
    ]);
  });

  it('compare processor time without that of the load and of other programs', () => {
    const bar = barsOf(all).find(({ bar }) => bar.includes('CPU'));

    expect(bar?.measured).toBeCloseTo(1.6);
  });

  it('leave out figures that were not measured', () => {
    expect(barsOf(all.filter(({ contender }) => contender.name !== 'aisle'))).toEqual([]);
  });
});

interface Figures {
  readonly addsPerSecond?: number;
  readonly p99Ms?: number;
  readonly cpuUs?: number;
}

function measured(name: ContenderName, workload: string, { addsPerSecond = 1_000, p99Ms = 10, cpuUs = 100 }: Figures): Measured {
  const contender = { name } as Measured['contender'];
  return {
    contender,
    workload: { name: workload, clients: 64, baskets: 1_000 },
    addsPerSecond,
    p50Ms: p99Ms / 2,
    p99Ms,
    refused: 0,
    doubtful: 0,
    retried: 0,
    cpuUsAnAdd: new Map([['server', cpuUs * 0.6], ['postgres', cpuUs * 0.4], ['load', 30], ['others', 500]]),
    cores: new Map(),
    redisCommandsAnAdd: 0,
    walAnAdd: { bytes: 1_200, fullPageBytes: 500, commits: 0.1 },
  };
}
