import type { Pipeline } from '@aisle/contracts';
import { Samples } from './samples.ts';

const PIPELINE = {} as Pipeline;

describe('Samples', () => {
  it('are the ones after the last sample of a watcher', () => {
    const samples = samplesAt(1_000, 2_000, 3_000);

    expect(idsOf(samples, 1_000)).toEqual([2_000, 3_000]);
    expect(idsOf(samples, 3_000)).toEqual([]);
  });

  it('are only the latest one for a watcher that has none', () => {
    expect(samplesAt(1_000, 2_000).after(undefined)).toMatchObject({ samples: [{ id: 2_000 }], missed: false });
  });

  it('are only the latest one, with missed set, if others are gone', () => {
    const samples = samplesAt(1_000, 2_000, 3_000, 4_000);

    expect(samples.after(1_000)).toMatchObject({ samples: [{ id: 4_000 }], missed: true });
    expect(samples.after(2_000)).toMatchObject({ samples: [{ id: 3_000 }, { id: 4_000 }], missed: false });
  });

  it('have increasing ids, even if the clock jumps back', () => {
    expect(idsOf(samplesAt(2_000, 2_000, 1_000), 2_000)).toEqual([2_001, 2_002]);
  });
});

function samplesAt(...timesMs: number[]): Samples {
  const samples = new Samples(3);
  for (const timeMs of timesMs) samples.add(timeMs, PIPELINE);
  return samples;
}

function idsOf(samples: Samples, after: number): number[] {
  return samples.after(after).samples.map(({ id }) => id);
}
