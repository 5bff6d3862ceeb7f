import type { Principal } from '@aisle/contracts';
import type { WindowCounter } from '@aisle/platform';
import type { Clock } from '@aisle/std';
import { Allowance } from './allowance.ts';

/** The settings of `Rates`. */
export interface RatesOptions {
  /** The limit of a principal without one of its own, in units a second; 0 for no limit. */
  readonly ratePerSecond: number;
  readonly windowS: number;
  readonly counter: WindowCounter;
  readonly clock: Clock;
}

/** Allowances in memory. Beyond it, the earliest is forgotten with the units that it has leased. */
const ALLOWANCES_MAX = 10_000;

/** The allowances of principals. A key has one of its own, and so has a user, whatever the number of his tokens. */
export class Rates {
  private readonly allowances = new Map<string, Allowance>();

  constructor(private readonly options: RatesOptions) {}

  get windowS(): number {
    return this.options.windowS;
  }

  /** Absent for a principal without a limit: the administrator, and requests of an open system. */
  of({ tenant, name, kind, ratePerSecond = this.options.ratePerSecond }: Principal): Allowance | undefined {
    if (ratePerSecond === 0 || kind === 'admin' || kind === 'anonymous') return undefined;
    const key = `${tenant}/${name}`;
    return this.allowances.get(key) ?? this.add(key, ratePerSecond);
  }

  async stop(): Promise<void> {
    await this.options.counter.close();
  }

  private add(key: string, ratePerSecond: number): Allowance {
    const { windowS, counter, clock } = this.options;
    const [earliest] = this.allowances.keys();
    if (this.allowances.size >= ALLOWANCES_MAX && earliest !== undefined) this.allowances.delete(earliest);
    const allowance = new Allowance({ quota: ratePerSecond * windowS, counter, key, clock });
    this.allowances.set(key, allowance);
    return allowance;
  }
}
