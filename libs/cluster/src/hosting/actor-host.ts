import { JournalFailure, type Lease } from '@aisle/journal';
import { isFailure, sleep } from '@aisle/std';
import type { Failure, Runtime, Timer } from '@aisle/std';
import { ClusterFailure } from '../cluster-failures.ts';
import type { Shards } from './shards.ts';

/** The functions by which a host starts and stops actors. */
export interface ActorKind<Actor> {
  /** Loads the actor under the lease. It is not in memory, and none of its rows is being written. */
  start(key: string, lease: Lease, mayRead: () => boolean): Promise<Actor>;
  /** Saves a snapshot if worthwhile, and ends the actor. Its requests are answered. */
  stop(actor: Actor): Promise<void>;
  /** False once the actor has ended by itself. The next request loads it again. */
  isAlive(actor: Actor): boolean;
  /** The approximate memory of the actor, in bytes. */
  bytesOf(actor: Actor): number;
  /** Whether the request may be repeated after the failure, under the same command id. */
  mayRunAgain(failure: Failure): boolean;
}

/** The limits of the actors in one node's memory. */
export interface ActorLimits {
  /** Above it, the least recently used actors leave. */
  readonly actorsMax: number;
  readonly bytesMax: number;
  /** The idle time after which an actor leaves. */
  readonly idleMs: number;
}

/** The parts of a host. */
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

interface OpenRequest {
  readonly sinceMs: number;
}

const RUNS_MAX = 3;
// Most lapsed leases are renewed, and their shards claimed again, within one renewal interval.
const UNCERTAIN_MS = 500;
const LOOK_MS = 25;

/**
 * Hosts the actors of one node as virtual actors (Bykov et al., Orleans, 2014). A request finds its actor in memory, or
 * loads it from the journal. Idle actors leave memory. At most one actor of a key is in memory at a time.
 */
export class ActorHost<Actor> {
  /** By key, least recently used first. */
  private readonly slots = new Map<string, Slot<Actor>>();
  private readonly byShard = new Map<number, Set<Slot<Actor>>>();
  private readonly starting = new Map<string, Promise<Slot<Actor>>>();
  private readonly openRequests = new Set<OpenRequest>();
  private readonly idleWaiters = new Set<() => void>();
  private bytes = 0;
  private sweep: Timer | undefined;

  constructor(private readonly options: ActorHostOptions<Actor>) {
    const { runtime, limits } = options;
    const sweep = (): void => this.passivateIdle();
    this.sweep = runtime.timers.every(limits.idleMs / 4, sweep, { background: true });
  }

  /** The number of actors in memory, and their approximate memory in bytes. */
  get usage(): { readonly actors: number; readonly bytes: number } {
    return { actors: this.slots.size, bytes: this.bytes };
  }

  /** The age of the oldest open request, in milliseconds; 0 if there is none. */
  get oldestOpenMs(): number {
    for (const { sinceMs } of this.openRequests) return this.options.runtime.clock.monotonicMs() - sinceMs;
    return 0;
  }

  /**
   * Sends a request to an actor. While this node's lease is uncertain, it waits at most half a second. Throws the failures
   * of `send` and of loading; `JournalFailure.shardLost` (unavailable) if another node owns the shard; and `ClusterFailure.hostFull` (throttled).
   */
  async ask<T>(shard: number, key: string, send: (actor: Actor) => Promise<T>): Promise<T> {
    const { runtime, kind } = this.options;
    const { clock } = runtime;
    const request = { sinceMs: clock.monotonicMs() };
    this.openRequests.add(request);
    try {
      for (let run = 1; ; run += 1) {
        const slot = this.found(key) ?? (await this.bring(shard, key));
        // Between two turns the actor may have been passivated, or its shard may have begun to leave.
        if (slot.stopping) continue;
        if (!this.options.shards.accepts(shard)) throw JournalFailure.shardLost(shard);
        try {
          return await this.send(slot, send);
        } catch (failure) {
          if (!isFailure(failure)) throw failure;
          const mayWait = failure.code === JournalFailure.leaseUncertain.code && clock.monotonicMs() < request.sinceMs + UNCERTAIN_MS;
          if (mayWait) await sleep(runtime, LOOK_MS);
          else if (run >= RUNS_MAX || !kind.mayRunAgain(failure as Failure)) throw failure;
        }
      }
    } finally {
      this.openRequests.delete(request);
    }
  }

  /** Waits for the shard's open requests, and then passivates its actors. `Shards` admits no new requests meanwhile. */
  async drain(shard: number): Promise<void> {
    await Promise.allSettled([...this.starting.values()]);
    const slots = this.slotsOf(shard);
    const isBusy = (): boolean => [...slots].some(({ open }) => open > 0);
    while (isBusy()) await new Promise<void>((resolve) => this.idleWaiters.add(resolve));
    await Promise.all([...slots].map((slot) => this.passivate(slot)));
  }

  /** Drops the actors of a shard that another node owns now. Their state may be stale. */
  drop(shard: number): void {
    for (const slot of this.slotsOf(shard)) void this.passivate(slot);
  }

  /** Stops the sweep of idle actors. */
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

  /** Passivates the least recently used idle actors until the limits hold. Throws `ClusterFailure.hostFull` if all are busy. */
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
    // An actor that cannot save a snapshot ends all the same, since the journal has its events.
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
