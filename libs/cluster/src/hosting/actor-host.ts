import { JournalFailure, type Lease } from '@aisle/journal';
import { isFailure, sleep } from '@aisle/std';
import type { Failure, Runtime, Timer } from '@aisle/std';
import { ClusterFailure } from '../cluster-failures.ts';
import type { Shards } from './shards.ts';

/** How an actor is brought to life and put to rest. */
export interface ActorKind<Actor> {
  /** Loads the actor under the lease. Nothing of it is in memory, and no row of it under way. */
  start(key: string, lease: Lease, mayRead: () => boolean): Promise<Actor>;
  /** Saves what is worth it, and ends the actor. Its requests are answered. */
  stop(actor: Actor): Promise<void>;
  /** False once it has ended by itself; the next request brings another one to life. */
  isAlive(actor: Actor): boolean;
  /** About how many bytes of memory it takes. */
  bytesOf(actor: Actor): number;
  /** After these, nothing is certain but that sending again, under the same command id, is safe. */
  mayRunAgain(failure: Failure): boolean;
}

/** What one node keeps in memory. */
export interface ActorLimits {
  /** Above it, those unused for longest make room. */
  readonly actorsMax: number;
  readonly bytesMax: number;
  /** Unused for so long, an actor goes. */
  readonly idleMs: number;
}

/** What a host is made of. */
export interface ActorHostOptions<Actor> {
  readonly kind: ActorKind<Actor>;
  readonly shards: Pick<Shards, 'accepts' | 'lease' | 'isProven'>;
  readonly runtime: Runtime;
  readonly limits: ActorLimits;
  /** Whether this node's own lease holds. */
  readonly nodeHolds: () => boolean;
}

interface Slot<Actor> {
  readonly key: string;
  readonly shard: number;
  readonly actor: Actor;
  open: number;
  bytes: number;
  usedAtMs: number;
  stopping?: Promise<void>;
}

interface Asked {
  readonly sinceMs: number;
}

const RUNS_MAX = 3;
// A lease that ran out is mostly renewed, and the shard claimed again, within the next renewal.
const UNCERTAIN_MS = 500;
const LOOK_MS = 25;

/**
 * The actors of one node, as virtual actors (Bykov et al., Orleans, 2014): a request finds its actor in memory or
 * brings it back from the journal; one that nobody uses goes again. At most one of a key at a time.
 */
export class ActorHost<Actor> {
  /** In the order of their last use. */
  private readonly slots = new Map<string, Slot<Actor>>();
  private readonly byShard = new Map<number, Set<Slot<Actor>>>();
  private readonly starting = new Map<string, Promise<Slot<Actor>>>();
  private readonly asked = new Set<Asked>();
  private readonly idleWaiters = new Set<() => void>();
  private bytes = 0;
  private sweep: Timer | undefined;

  constructor(private readonly options: ActorHostOptions<Actor>) {
    const { runtime, limits } = options;
    const sweep = (): void => this.passivateIdle();
    this.sweep = runtime.timers.every(limits.idleMs / 4, sweep, { background: true });
  }

  /** Actors in memory, and about how many bytes they take. */
  get usage(): { readonly actors: number; readonly bytes: number } {
    return { actors: this.slots.size, bytes: this.bytes };
  }

  /** For how long the oldest request that is still open has been; 0 when there is none. */
  get oldestOpenMs(): number {
    for (const { sinceMs } of this.asked) return this.options.runtime.clock.monotonicMs() - sinceMs;
    return 0;
  }

  /**
   * Sends a request to an actor; while this node is not sure of its lease, for half a second at most, it waits.
   * Throws what `send` throws; `JournalFailure.shardLost` (unavailable) when the actor lives
   * elsewhere; `ClusterFailure.hostFull` (throttled); what loading throws.
   */
  async ask<T>(shard: number, key: string, send: (actor: Actor) => Promise<T>): Promise<T> {
    const { runtime, kind } = this.options;
    const { clock } = runtime;
    const asked = { sinceMs: clock.monotonicMs() };
    this.asked.add(asked);
    try {
      for (let run = 1; ; run += 1) {
        const slot = this.found(key) ?? (await this.bring(shard, key));
        // Between two turns it may have been put to rest, or its shard may have begun to leave.
        if (slot.stopping) continue;
        if (!this.options.shards.accepts(shard)) throw JournalFailure.shardLost(shard);
        try {
          return await this.send(slot, send);
        } catch (failure) {
          if (!isFailure(failure)) throw failure;
          const mayWait = failure.code === JournalFailure.leaseUncertain.code && clock.monotonicMs() < asked.sinceMs + UNCERTAIN_MS;
          if (mayWait) await sleep(runtime, LOOK_MS);
          else if (run >= RUNS_MAX || !kind.mayRunAgain(failure as Failure)) throw failure;
        }
      }
    } finally {
      this.asked.delete(asked);
    }
  }

  /** Waits for the shard's open requests, then puts its actors to rest. `Shards` lets no new ones in. */
  async drain(shard: number): Promise<void> {
    await Promise.allSettled([...this.starting.values()]);
    const slots = this.slotsOf(shard);
    const isBusy = (): boolean => [...slots].some(({ open }) => open > 0);
    while (isBusy()) await new Promise<void>((resolve) => this.idleWaiters.add(resolve));
    await Promise.all([...slots].map((slot) => this.passivate(slot)));
  }

  /** The shard has another owner: what is in memory of it is worth nothing. */
  drop(shard: number): void {
    for (const slot of this.slotsOf(shard)) void this.passivate(slot);
  }

  /** No more sweeping. */
  stop(): void {
    this.sweep?.cancel();
  }

  private found(key: string): Slot<Actor> | undefined {
    const slot = this.slots.get(key);
    if (!slot || slot.stopping) return undefined;
    if (this.options.kind.isAlive(slot.actor)) return slot;
    this.forget(slot);
    return undefined;
  }

  private async send<T>(slot: Slot<Actor>, send: (actor: Actor) => Promise<T>): Promise<T> {
    // Last in the order of use.
    this.slots.delete(slot.key);
    this.slots.set(slot.key, slot);
    slot.open += 1;
    try {
      return await send(slot.actor);
    } finally {
      slot.open -= 1;
      slot.usedAtMs = this.options.runtime.clock.monotonicMs();
      this.weigh(slot);
      if (slot.open === 0) this.wakeWaiters();
    }
  }

  private bring(shard: number, key: string): Promise<Slot<Actor>> {
    let starting = this.starting.get(key);
    if (!starting) {
      starting = this.start(shard, key).finally(() => this.starting.delete(key));
      this.starting.set(key, starting);
    }
    return starting;
  }

  private async start(shard: number, key: string): Promise<Slot<Actor>> {
    const { kind, shards, runtime, nodeHolds } = this.options;
    await this.slots.get(key)?.stopping;
    await this.makeRoom();
    const lease = await shards.lease(shard);
    const mayRead = (): boolean => lease.held && nodeHolds() && shards.isProven(shard);
    const actor = await kind.start(key, lease, mayRead);
    if (!shards.accepts(shard)) {
      await kind.stop(actor);
      throw JournalFailure.shardLost(shard);
    }
    const slot: Slot<Actor> = { key, shard, actor, open: 0, bytes: 0, usedAtMs: runtime.clock.monotonicMs() };
    this.slots.set(key, slot);
    this.slotsOf(shard).add(slot);
    this.weigh(slot);
    return slot;
  }

  /** The bounds are kept by those unused for longest; when all are busy, who comes new is refused. */
  private async makeRoom(): Promise<void> {
    const { actorsMax, bytesMax } = this.options.limits;
    while (this.slots.size + this.starting.size > actorsMax || this.bytes > bytesMax) {
      const oldest = this.firstIdle();
      if (!oldest) throw ClusterFailure.hostFull(actorsMax);
      await this.passivate(oldest);
    }
  }

  private firstIdle(): Slot<Actor> | undefined {
    for (const slot of this.slots.values()) if (slot.open === 0) return slot;
    return undefined;
  }

  private passivateIdle(): void {
    const { runtime, limits } = this.options;
    const unusedSinceMs = runtime.clock.monotonicMs() - limits.idleMs;
    for (const slot of this.slots.values()) {
      if (slot.open === 0 && slot.usedAtMs <= unusedSinceMs) void this.passivate(slot);
    }
  }

  private passivate(slot: Slot<Actor>): Promise<void> {
    // An actor that can't be saved is ended all the same: the journal has everything.
    slot.stopping ??= this.options.kind.stop(slot.actor).then(
      () => this.forget(slot),
      () => this.forget(slot),
    );
    return slot.stopping;
  }

  private forget(slot: Slot<Actor>): void {
    if (this.slots.get(slot.key) !== slot) return;
    this.slots.delete(slot.key);
    const siblings = this.slotsOf(slot.shard);
    siblings.delete(slot);
    if (siblings.size === 0) this.byShard.delete(slot.shard);
    this.bytes -= slot.bytes;
  }

  private weigh(slot: Slot<Actor>): void {
    if (this.slots.get(slot.key) !== slot) return;
    const bytes = this.options.kind.bytesOf(slot.actor);
    this.bytes += bytes - slot.bytes;
    slot.bytes = bytes;
  }

  private slotsOf(shard: number): Set<Slot<Actor>> {
    let slots = this.byShard.get(shard);
    if (!slots) this.byShard.set(shard, (slots = new Set()));
    return slots;
  }

  private wakeWaiters(): void {
    for (const wake of this.idleWaiters) wake();
    this.idleWaiters.clear();
  }
}
