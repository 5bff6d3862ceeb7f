import { PipelineSettings } from '@aisle/contracts';
import { Capacity } from './capacity.ts';

const MAX = { eventsPerSecond: 1_000, eventsUnderWay: 800, stages: 20 };
const HALF = { producerCount: 2, consumerCount: 8, rate: 250, demand: 25 };

describe('Capacity', () => {
  it.each<{ settings: Partial<PipelineSettings>; what: string; wanted: number }>([
    { settings: { producerCount: 2, rate: 500.5 }, what: 'eventsPerSecond', wanted: 1_001 },
    { settings: { producerCount: 16, consumerCount: 1, rate: 1_000_000, demand: 1 }, what: 'eventsPerSecond', wanted: 16_000_000 },
    { settings: { producerCount: 2, consumerCount: 8, rate: 1, demand: 51 }, what: 'eventsUnderWay', wanted: 816 },
    { settings: { producerCount: 1, consumerCount: 20, rate: 1, demand: 1 }, what: 'stages', wanted: 21 },
  ])('never fits $settings', ({ settings, what, wanted }) => {
    const capacity = new Capacity(MAX);
    const checks = [() => capacity.checkAlone(parsed(settings)), () => capacity.check(parsed(settings), {})];

    for (const check of checks) {
      expect(check).toThrow(expect.objectContaining({
        kind: 'rejected', code: 'pipeline.too_big', details: { what, wanted, max: MAX[what as keyof typeof MAX] },
      }));
    }
  });

  it.each<Partial<PipelineSettings>>([
    HALF, { producerCount: 2, rate: 500 }, { producerCount: 1, consumerCount: 8, demand: 100 }, { consumerCount: 19, demand: 1 },
    { rate: 0 }, { rate: Number.MIN_VALUE },
  ])('fits %j', (settings) => {
    expect(() => new Capacity(MAX).check(parsed({ demand: 1, ...settings }), {})).not.toThrow();
  });

  it('refuses a pipeline when it is full, and accepts it after a release', () => {
    const [one, other, third] = [{}, {}, {}];
    const capacity = new Capacity(MAX);
    for (const holder of [one, other]) {
      capacity.check(parsed(HALF), holder);
      capacity.take(holder, parsed(HALF));
    }

    expect(() => capacity.check(parsed({ rate: 0, demand: 1, consumerCount: 1 }), third)).toThrow(expect.objectContaining({
      kind: 'throttled', code: 'pipelines.full',
      details: { what: 'eventsUnderWay', wanted: 1, taken: 800, max: 800, retryAfterMs: expect.any(Number) },
    }));
    capacity.release(other);
    expect(() => capacity.check(parsed(HALF), third)).not.toThrow();
  });

  it('offers a holder with new settings its own part and the free capacity', () => {
    const [one, other] = [{}, {}];
    const capacity = new Capacity(MAX);
    for (const holder of [one, other]) capacity.take(holder, parsed(HALF));

    expect(() => capacity.check(parsed(HALF), one)).not.toThrow();
    expect(() => capacity.check(parsed({ ...HALF, rate: 251 }), one)).toThrow(expect.objectContaining({ code: 'pipelines.full' }));
    capacity.take(other, parsed({ ...HALF, rate: 1 }));
    expect(() => capacity.check(parsed({ ...HALF, rate: 251 }), one)).not.toThrow();
  });
});

function parsed(settings: Partial<PipelineSettings>): PipelineSettings {
  return PipelineSettings.parse(settings);
}
