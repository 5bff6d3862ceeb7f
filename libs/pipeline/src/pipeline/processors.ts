import type { Backoff, ChildSpec } from '@aisle/supervision';
import type { StageGroup } from '../dispatch/stage-group.ts';
import type { SubscribeOptions } from '../dispatch/subscription.ts';
import { StagePool, PooledStage } from './stage-pool.ts';

/** Makes one processor, from its id and its subscriptions. */
export type MakeProcessor<E> = (id: string, subscribeTo: readonly SubscribeOptions<E>[]) => ChildSpec;

/** The settings that all processors share. */
export interface ProcessorsPlan<E> {
  readonly producers: StageGroup;
  /** True if each key belongs to one processor. */
  readonly isKeyed: boolean;
  /** True if a stage below holds events back. */
  readonly isHeld: boolean;
  readonly maxRestarts: number;
  readonly backoff: Backoff;
  readonly make: MakeProcessor<E>;
  onEmptied(): void;
  onRestart(stage: string): void;
}

/** The processors of a pipeline. */
export class Processors<E> {
  readonly pool: StagePool;
  members: PooledStage[] = [];
  private maxDemand = 0;

  constructor(private readonly plan: ProcessorsPlan<E>) {
    this.pool = new StagePool('processors', { maxRestarts: plan.maxRestarts, backoff: plan.backoff }, plan.onEmptied);
  }

  /**
   * Changes their number and demand. Keys move between processors only while none works: all end, `repartition` runs,
   * and the new number starts.
   */
  async resize(count: number, maxDemand: number, repartition: () => void): Promise<void> {
    const isSame = count === this.members.length && maxDemand === this.maxDemand;
    const isAnew = !isSame && (this.plan.isKeyed || maxDemand !== this.maxDemand);
    await this.pool.stop(this.members.splice(isAnew ? 0 : count));
    this.maxDemand = maxDemand;
    if (isAnew) repartition();
    while (this.members.length < count) this.members.push(this.newHand(this.members.length));
    await this.start();
  }

  /** Starts the missing processors. */
  async start(): Promise<void> {
    await this.pool.start(this.members);
  }

  private newHand(index: number): PooledStage {
    const { producers, isKeyed, isHeld, make, onRestart } = this.plan;
    const subscription: SubscribeOptions<E> = {
      to: producers,
      maxDemand: this.maxDemand,
      ...(isKeyed && { partition: index }),
      ...(isHeld && { free: 'taken' as const }),
    };
    return new PooledStage(make(`processor ${index}`, [subscription]), onRestart);
  }
}
