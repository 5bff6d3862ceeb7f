import { barsOf } from './bars.ts';
import type { Measured } from './comparison.ts';
import type { ContenderName } from './contenders.ts';

describe('the bars', () => {
  const all = [
    measured('typeorm', 'spread, 64 clients', 4_000, 28),
    measured('redis', 'spread, 64 clients', 30_000, 5),
    measured('aisle', 'spread, 64 clients', 12_000, 14),
    measured('typeorm', 'hot, 64 clients', 900, 90),
    measured('aisle', 'hot, 64 clients', 8_000, 20),
  ];

  it('are met or missed by the ratios within one run', () => {
    expect(barsOf(all).map(({ bar, met }) => [bar, met])).toEqual([
      ['spread, 64 clients: x typeorm >= 3', true],
      ['spread, 64 clients: x redis >= 0.35', true],
      ['spread, 64 clients: p99 over that of typeorm <= 1', true],
      ['hot, 64 clients: x spread >= 0.8', false],
      ['hot, 64 clients: x typeorm >= 10', false],
      ['spread, 64 clients: WAL bytes an add, full pages apart <= 800', true],
    ]);
  });

  it('leave out figures that were not measured', () => {
    expect(barsOf(all.filter(({ contender }) => contender.name !== 'aisle'))).toEqual([]);
  });
});

function measured(name: ContenderName, workload: string, addsPerSecond: number, p99Ms: number): Measured {
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
    cpuUsAnAdd: new Map(),
    cores: new Map(),
    redisCommandsAnAdd: 0,
    walAnAdd: { bytes: 1_200, fullPageBytes: 500, commits: 0.1 },
  };
}
