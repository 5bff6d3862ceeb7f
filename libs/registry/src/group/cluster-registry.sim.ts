import { simulateSeeds } from '@aisle/simulation';
import type { NameStorage } from './name-storage.ts';
import { nameScenario, requiredCoverage, type Adapter } from '../testing/name-scenario.ts';

const SEEDS = 100;
const CATCH_SEEDS_MAX = 200;

// No failure here needs a stack trace, and traces would cost as much time as the protocol itself.
Error.stackTraceLimit = 0;

describe('Names in a group under faults', () => {
  it(`are never held twice, and become free again, under ${SEEDS} seeds`, async () => {
    const report = await simulateSeeds({ seeds: SEEDS, scenario: nameScenario(), required: requiredCoverage });

    expect(report.seeds).toBe(SEEDS);
  });

  it.each<[bug: string, adapter: Adapter]>([
    ['a renewal that changes nothing', renewingInWordsOnly],
    ['a process that is dead after one view', declaringDeadAtOnce],
  ])('are held twice with the bug %s', async (_bug, adapter) => {
    const batch = simulateSeeds({ seeds: CATCH_SEEDS_MAX, scenario: nameScenario(adapter) });

    await expect(batch).rejects.toThrow(/is held by .* and/);
  });
});

function renewingInWordsOnly(storage: NameStorage): NameStorage {
  return patched(storage, { renew: async (claims) => claims });
}

function declaringDeadAtOnce(storage: NameStorage): NameStorage {
  const beats = new Map<string, string>();
  return patched(storage, {
    view: async () => {
      const { nodes } = await storage.view();
      const moving = nodes.filter(({ incarnation, beat }) => beats.get(incarnation) !== beat);
      for (const { incarnation, beat } of nodes) beats.set(incarnation, beat);
      return { nodes: moving };
    },
  });
}

function patched(storage: NameStorage, methods: Partial<NameStorage>): NameStorage {
  return new Proxy(storage, {
    get: (target, name) => Reflect.get(methods, name) ?? Reflect.get(target, name),
  });
}
