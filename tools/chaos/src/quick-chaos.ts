import { runChaos, type ChaosOptions } from './chaos-run.ts';
import { quickNemeses } from './nemeses/schedule.ts';
import type { ChaosReport } from './verdict/report.ts';

/** The worst kinds of faults, once each, in a minute or two on a busy machine. */
export function quickChaos(
  { seed, onProgress, signal }: Pick<ChaosOptions, 'seed' | 'onProgress' | 'signal'>,
): Promise<ChaosReport> {
  return runChaos({
    seed,
    signal,
    nemeses: quickNemeses,
    forMs: 90_000,
    baskets: 18,
    shoppers: 10,
    takesOrders: false,
    calmMs: 500,
    judgesTimes: false,
    replay: `npm run chaos -- --quick --seed ${seed}`,
    onProgress,
  });
}
