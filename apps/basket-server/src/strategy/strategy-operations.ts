import type { SimulateRequest, StrategySimulation, StrategyValidation, StrategyVersion } from '@aisle/contracts';
import { simulate, versionFacts, type Change, type Simulation, type SandboxedRollout } from '@aisle/pricing/lifecycle';
import { choicesAfter, emptyBasket } from '../basket/basket.ts';
import type { Prices } from '../pricing/prices.ts';
import { operationsOf } from '../quote/quotes.ts';
import type { RecordedBaskets } from './recorded-baskets.ts';
import type { RulesFollower } from './rules-follower.ts';

/** The parts that `StrategyOperations` uses. */
export interface StrategyOperationsOptions {
  readonly rollout: SandboxedRollout;
  readonly rules: RulesFollower;
  readonly recorded: Pick<RecordedBaskets, 'latest'>;
}

/** The operations on strategies that need a sandbox or sold baskets. A basket-manager performs all others itself. */
export class StrategyOperations {
  constructor(private readonly options: StrategyOperationsOptions) {}

  /** Compiles a source and stores it as a draft. Throws the failures of `SandboxedRollout.load`. */
  async load(source: string, change: Change): Promise<StrategyVersion> {
    const { record, version, outcome } = await this.options.rollout.load(source, change);
    return { ...versionFacts(record, version), outcome } as StrategyVersion;
  }

  /** Runs the tests of a version, and returns its problems. Throws `strategy.missing`. */
  async validate(name: string, version: string, change: Change): Promise<StrategyValidation> {
    const { passed, problems } = await this.options.rollout.validate(name, version, change);
    return { passed, problems: [...problems] };
  }

  /** Prices given or sold baskets with and without the version active. Throws `strategy.missing` and `ProductFailure.unknown`. */
  async simulate(
    name: string, version: string, request: SimulateRequest, { tenant, prices }: { tenant: string; prices: Prices },
  ): Promise<StrategySimulation> {
    const { rules, recorded } = this.options;
    const { market, baskets } = request;
    const supposed = await rules.supposing(name, version);
    const pricer = prices.at({ tenant, market });
    const samples = baskets
      ? baskets.map(({ items }) => pricer.sample(choicesAfter(emptyBasket, operationsOf(items, pricer), pricer)))
      : await recorded.latest({ tenant, market: pricer.market }, request.recorded ?? 0);
    return simulationView(await simulate(rules, supposed, samples), pricer.market.currency);
  }

  /** Takes a version that the sandbox has given up out of force, on every server. */
  async retire(name: string, version: string, reason: string): Promise<void> {
    const { rollout, rules } = this.options;
    await rollout.retire(name, version, reason, { by: 'sandbox' });
    await rules.refresh();
  }
}

function simulationView(simulation: Simulation, currency: string): StrategySimulation {
  const money = (amount: number): { amount: number; currency: string } => ({ amount, currency });
  const { baskets, changed, degraded, differenceMinor, histogram } = simulation;
  return {
    baskets, changed, degraded, difference: money(differenceMinor),
    histogram: histogram.map(({ fromMinor, toMinor, baskets: count }) => ({
      from: money(fromMinor), to: money(toMinor), baskets: count,
    })),
  };
}
