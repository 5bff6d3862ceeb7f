import { FrameReceiver, FrameSender, type Envelope, type Transport } from '@aisle/broker';
import { DEFAULT_LEASE, Watch, type LeaseTimes } from '@aisle/registry/membership';
import type { Runtime } from '@aisle/std';
import { Allocator } from '../placement/allocator.ts';
import type { ClusterStorage, ClusterView } from '../storage/cluster-storage.ts';
import { Router } from './router.ts';

/** The parts of a manager of a shard group. */
export interface ClusterManagerOptions {
  readonly storage: ClusterStorage;
  readonly transport: Transport;
  readonly runtime: Runtime;
  /** The queue of the group's commands. Managers compete for it. */
  readonly queue: string;
  /** The shard of a command's actor, by its header. Throws a `Failure` for one that the group does not know. */
  readonly shardOf: (envelope: Envelope) => number;
  /** Same on every node and manager of the group. */
  readonly times?: LeaseTimes | undefined;
  readonly onEvent?: ((event: ManagerEvent) => void) | undefined;
}

/** An event of a manager, for its log. */
export type ManagerEvent =
  | { readonly kind: 'members changed'; readonly members: readonly string[] }
  | { readonly kind: 'shards placed'; readonly moves: number }
  | { readonly kind: 'view not read' | 'shards not placed'; readonly error: unknown };

/**
 * Places the shards of a group on its nodes, and routes commands to their owners. A manager owns no state, and any number run
 * side by side. A killed manager loses only the commands that it held.
 */
export class ClusterManager {
  private readonly outbox: FrameSender;
  private readonly router: Router;
  private readonly watch: Watch<ClusterView>;
  private readonly inbox: FrameReceiver;
  private members = '';

  constructor(options: ClusterManagerOptions) {
    const { storage, transport, runtime, queue, shardOf, times = DEFAULT_LEASE, onEvent } = options;
    this.outbox = new FrameSender({ transport, runtime });
    this.router = new Router({ transport, outbox: this.outbox, runtime, shardOf });
    const allocator = new Allocator({
      storage, runtime, times,
      onPlaced: (moves) => onEvent?.({ kind: 'shards placed', moves }),
      onFailed: (error) => onEvent?.({ kind: 'shards not placed', error }),
    });
    this.watch = new Watch({
      storage, runtime, times,
      onView: (view, members, askedAtMs) => {
        const names = members.alive.map(({ incarnation }) => incarnation);
        if (names.join() !== this.members) onEvent?.({ kind: 'members changed', members: names });
        this.members = names.join();
        const isPlacing = allocator.onView(view, members);
        const isHolding = this.router.onView(view, members, askedAtMs);
        if (isPlacing || isHolding) this.watch.soon();
      },
      onReadFailed: (error) => onEvent?.({ kind: 'view not read', error }),
    });
    this.inbox = new FrameReceiver({
      transport, runtime, queue,
      onEnvelope: (envelope) => {
        this.watch.use();
        this.router.route(envelope);
        if (this.router.holding > 0) this.watch.soon();
      },
    });
  }

  /** Reads the cluster once, and then takes commands. Throws the failures of the storage. */
  async start(): Promise<void> {
    await this.watch.start();
    this.inbox.start();
  }

  /** Whether there is a node that takes commands. */
  get isUsable(): boolean {
    return this.router.isUsable;
  }

  /** The number of commands that wait for an owner. */
  get holding(): number {
    return this.router.holding;
  }

  /** The instant of the last view of the cluster, on the monotonic clock. */
  get seenAtMs(): number {
    return this.watch.seenAtMs;
  }

  /** The shards of each queue, for operators. */
  get routes(): Readonly<Record<string, number[]>> {
    return this.router.table;
  }

  /** Takes no more commands, refuses those that still wait for an owner, and sends all pending frames. */
  async stop(): Promise<void> {
    await this.inbox.stop();
    await this.watch.stop();
    await this.router.stop();
    await this.outbox.flushed();
  }
}
