import type { Journal } from '@aisle/journal';
import { DEFAULT_LEASE, NodeLease, Watch, type LeaseTimes } from '@aisle/registry/membership';
import { sleep } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import type { ClusterStorage, ClusterView } from '../storage/cluster-storage.ts';
import { ActorHost, type ActorKind, type ActorLimits } from './actor-host.ts';
import { Shards } from './shards.ts';

/** The parts of a node. */
export interface ClusterNodeOptions<Actor> {
  readonly storage: ClusterStorage;
  readonly journal: Journal;
  readonly runtime: Runtime;
  /** The id of this start of the process; a restart is another incarnation. */
  readonly incarnation: string;
  /** The broker queue on which this node takes commands. */
  readonly queue: string;
  readonly actors: ActorKind<Actor>;
  readonly limits: ActorLimits;
  /** Same on every node and manager of the group. */
  readonly times?: LeaseTimes | undefined;
  readonly onEvent?: ((event: NodeEvent) => void) | undefined;
}

/** An event of a node, for its log. */
export type NodeEvent =
  | { readonly kind: 'lease missed' | 'view not read'; readonly error: unknown }
  | { readonly kind: 'lease lapsed' }
  | { readonly kind: 'shard lost'; readonly shard: number }
  | { readonly kind: 'shard not moved'; readonly shard: number; readonly error: unknown };

const HAND_OVER_MS = 15_000;
const LOOK_MS = 20;
const LINGER_MS = 200;

/**
 * A process of a shard group that hosts actors: its lease, its shards and their actors. It claims and releases shards by the
 * placement. It answers reads only for shards that it certainly owns.
 */
export class ClusterNode<Actor> {
  private readonly lease: NodeLease;
  private readonly watch: Watch<ClusterView>;
  private readonly shards: Shards;
  private readonly host: ActorHost<Actor>;
  private others = 0;
  private seenAskedAtMs = -Infinity;
  private hasJoined = false;

  constructor(private readonly options: ClusterNodeOptions<Actor>) {
    const { storage, journal, runtime, incarnation, queue, actors, limits } = options;
    const { times = DEFAULT_LEASE, onEvent } = options;
    this.shards = new Shards({
      journal,
      incarnation,
      drain: (shard) => this.host.drain(shard),
      onLost: (shard) => {
        this.host.drop(shard);
        onEvent?.({ kind: 'shard lost', shard });
      },
      onFailed: (shard, error) => onEvent?.({ kind: 'shard not moved', shard, error }),
    });
    this.lease = new NodeLease({
      storage, runtime, times, incarnation, queue,
      // A node that cannot read the placement must not renew its lease, or no other node could take over its shards.
      isWell: () => runtime.clock.monotonicMs() - this.watch.seenAtMs < times.leaseMs,
      onLate: () => {
        // The first renewal is always late, since the node had no lease before.
        if (this.hasJoined) onEvent?.({ kind: 'lease lapsed' });
        this.hasJoined = true;
        this.shards.onLate();
      },
      onMissed: (error) => onEvent?.({ kind: 'lease missed', error }),
    });
    this.host = new ActorHost({ kind: actors, shards: this.shards, runtime, limits, nodeHolds: () => this.lease.holds });
    this.watch = new Watch({
      storage, runtime, times,
      onView: (view, members, askedAtMs) => {
        this.seenAskedAtMs = askedAtMs;
        this.others = members.alive.filter((node) => !node.draining && node.incarnation !== incarnation).length;
        if (this.shards.onView(view, members)) this.watch.soon();
      },
      onReadFailed: (error) => onEvent?.({ kind: 'view not read', error }),
    });
  }

  /** Enters the group. Throws the failures of the storage. */
  async join(): Promise<void> {
    await this.watch.start();
    await this.lease.join();
  }

  /** Whether this node takes the shard's commands. Other commands must be sent back to a manager. */
  accepts(shard: number): boolean {
    return this.shards.accepts(shard);
  }

  /** Sends a request to an actor; see `ActorHost.ask`. */
  ask<T>(shard: number, key: string, send: (actor: Actor) => Promise<T>): Promise<T> {
    this.watch.use();
    return this.host.ask(shard, key, send);
  }

  /** The shards that this node owns at present. */
  get heldShards(): readonly number[] {
    return this.shards.held;
  }

  /** The number of actors in memory, and their approximate memory in bytes. */
  get usage(): { readonly actors: number; readonly bytes: number } {
    return this.host.usage;
  }

  /** The age of the oldest open request, in milliseconds. A large value shows work that is stuck. */
  get oldestOpenMs(): number {
    return this.host.oldestOpenMs;
  }

  /** Whether this node's lease holds, by its own clock. */
  get holdsLease(): boolean {
    return this.lease.holds;
  }

  /**
   * Hands every shard over, drained and with saved snapshots. Accepted commands are answered; new ones are not accepted, and
   * wait at the managers. After 15 s, or if there is no other node, the remaining shards are released. Send no requests
   * afterwards.
   */
  async leave(): Promise<void> {
    const { runtime } = this.options;
    this.shards.close();
    await this.lease.drain();
    const sinceMs = runtime.clock.monotonicMs();
    // A node may have joined since the last view.
    const mayHandOver = (): boolean => this.others > 0 || this.seenAskedAtMs < sinceMs;
    while (this.shards.held.length > 0 && mayHandOver() && runtime.clock.monotonicMs() < sinceMs + HAND_OVER_MS) {
      this.watch.soon();
      await sleep(runtime, LOOK_MS);
    }
    await this.watch.stop();
    await this.shards.releaseAll();
    await this.lease.leave();
    this.host.stop();
    // Managers with an older view still send commands here, and the app must send them back meanwhile.
    await sleep(runtime, LINGER_MS);
  }
}
