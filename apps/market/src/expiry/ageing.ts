import { Passes, uuidv7, type PassesOptions } from '@aisle/std';
import type { Markets } from '../market/markets.ts';
import { StockFailure } from '../stock/stock-failures.ts';
import type { DueLot, DueRows } from './due.repository.ts';

/** The parts that `Ageing` uses. */
export interface AgeingOptions extends PassesOptions {
  readonly rows: Pick<DueRows, 'lots'>;
  readonly markets: Pick<Markets, 'run' | 'now'>;
  /** The shards that this server owns at present. */
  readonly heldShards: () => readonly number[];
}

const LOTS_MAX = 500;

/**
 * Checks the lots of this server's markets. It writes expired units off, reassesses the promises that they covered, and
 * publishes once for each lot that its expiry is near.
 */
export class Ageing extends Passes {
  constructor(private readonly options: AgeingOptions) {
    super(options);
  }

  protected async run(): Promise<void> {
    const { rows, markets, heldShards, onFailed } = this.options;
    // A market that fails must not hold up the others.
    const failed = new Set<string>();
    const hasFailed = (lot: DueLot): boolean => failed.has(nameOf(lot));
    for (let [isFull, left] = [true, 0]; isFull && !this.isStopped; ) {
      const limit = LOTS_MAX + left;
      const lots = await rows.lots(heldShards(), markets.now, limit);
      for (const ofMarket of byMarket(lots.filter((lot) => !hasFailed(lot)))) {
        await this.age(ofMarket).catch((error: unknown) => {
          failed.add(nameOf(ofMarket[0]));
          onFailed(error);
        });
      }
      // The next query finds the lots of failed markets again, so its limit grows by their number.
      left = lots.filter(hasFailed).length;
      isFull = lots.length === limit;
    }
  }

  private async age(lots: readonly [DueLot, ...DueLot[]]): Promise<void> {
    const { markets, runtime } = this.options;
    const [{ tenant, market }] = lots;
    const action = { kind: 'age', lots: lots.map(({ sku, lot }) => ({ sku, lot })) } as const;
    try {
      await markets.run({ tenant, market }, { id: uuidv7(runtime), by: '', traceparent: '' }, action);
    } catch (failure) {
      if (!StockFailure.nothingDue.is(failure)) throw failure;
    }
  }
}

function nameOf({ tenant, market }: DueLot): string {
  return JSON.stringify([tenant, market]);
}

/** Groups lots by market; they come sorted by market. */
function byMarket(lots: readonly DueLot[]): [DueLot, ...DueLot[]][] {
  const groups: [DueLot, ...DueLot[]][] = [];
  for (const lot of lots) {
    const last = groups.at(-1);
    if (last && last[0].tenant === lot.tenant && last[0].market === lot.market) last.push(lot);
    else groups.push([lot]);
  }
  return groups;
}
