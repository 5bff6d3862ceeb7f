import type { Backoff, ChildSpec } from '@aisle/supervision';
import type { StageGroup } from '../dispatch/stage-group.ts';
import type { SubscribeOptions } from '../dispatch/subscription.ts';
import { Crew, Hand } from './crew.ts';

/** How one processor is made: its id, and what it subscribes to. */
export type MakeProcessor<E> = (id: string, subscribeTo: readonly SubscribeOptions<E>[]) => ChildSpec;

/** What a pipeline's processors have in common. */
export interface ProcessorsPlan<E> {
  readonly producers: StageGroup;
  /** Each has the events of its own keys. */
  readonly isKeyed: boolean;
  /** Something below holds events back. */
  readonly isHeld: boolean;
  readonly maxRestarts: number;
  readonly backoff: Backoff;
  readonly make: MakeProcessor<E>;
  onEmptied(): void;
  onRestart(stage: string): void;
}

/** The processors of a pipeline. */
export class Processors<E> {
  readonly crew: Crew;
  hands: Hand[] = [];
  private maxDemand = 0;

  constructor(private readonly plan: ProcessorsPlan<E>) {
    this.crew = new Crew('processors', { maxRestarts: plan.maxRestarts, backoff: plan.backoff }, plan.onEmptied);
  }

  /**
   * So many are there, with such a demand. Keys move between processors only while nobody works: all end,
   * `repartition` runs, and as many as there are to be start again.
   */
  async resize(count: number, maxDemand: number, repartition: () => void): Promise<void> {
    const isSame = count === this.hands.length && maxDemand === this.maxDemand;
    const isAnew = !isSame && (this.plan.isKeyed || maxDemand !== this.maxDemand);
    await this.crew.stop(this.hands.splice(isAnew ? 0 : count));
    this.maxDemand = maxDemand;
    if (isAnew) repartition();
    while (this.hands.length < count) this.hands.push(this.newHand(this.hands.length));
    await this.start();
  }

  /** Starts those that should be there and are not. */
  async start(): Promise<void> {
    await this.crew.start(this.hands);
  }

  private newHand(index: number): Hand {
    const { producers, isKeyed, isHeld, make, onRestart } = this.plan;
    const subscription: SubscribeOptions<E> = {
      to: producers,
      maxDemand: this.maxDemand,
      ...(isKeyed && { partition: index }),
      ...(isHeld && { free: 'taken' as const }),
    };
    return new Hand(make(`processor ${index}`, [subscription]), onRestart);
  }
}
