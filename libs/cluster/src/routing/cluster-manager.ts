import { FrameReceiver, FrameSender, type Envelope, type Transport } from '@aisle/broker';
import { DEFAULT_LEASE, Watch, type LeaseTimes } from '@aisle/registry/membership';
import type { Runtime } from '@aisle/std';
import { Allocator } from '../placement/allocator.ts';
import type { ClusterStorage, ClusterView } from '../storage/cluster-storage.ts';
import { Router } from './router.ts';

/** What a manager of a shard group is made of. */
export interface ClusterManagerOptions {
  readonly storage: ClusterStorage;
  readonly transport: Transport;
  readonly runtime: Runtime;
  /** Where commands of the group come in; managers of one queue compete. */
  readonly queue: string;
  /** The shard of a command's actor, by its header. Throws a `Failure` for one that the group does not know. */
  readonly shardOf: (envelope: Envelope) => number;
  /** Same on every node and manager of the group. */
  readonly times?: LeaseTimes | undefined;
  readonly onEvent?: ((event: ManagerEvent) => void) | undefined;
}

/** What happens to a manager, for its log. */
export type ManagerEvent =
  | { readonly kind: 'members changed'; readonly members: readonly string[] }
  | { readonly kind: 'shards placed'; readonly moves: number }
  | { readonly kind: 'view not read' | 'shards not placed'; readonly error: unknown };

/**
 * Places the shards of a group on its nodes, and routes commands to their owners. It owns nothing: any number
 * run side by side, and one that is killed or paused costs nothing but what it had in its hands.
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
        this.router.route(envelope);
        if (this.router.holding > 0) this.watch.soon();
      },
    });
  }

  /** Looks at the cluster once, then takes commands. Throws what the storage throws. */
  async start(): Promise<void> {
    await this.watch.start();
    this.inbox.start();
  }

  /** True once there is a node to send to. */
  get isUsable(): boolean {
    return this.router.isUsable;
  }

  /** How many commands wait for an owner. */
  get holding(): number {
    return this.router.holding;
  }

  /** When the cluster was last seen, on the monotonic clock. */
  get seenAtMs(): number {
    return this.watch.seenAtMs;
  }

  /** The shards of each queue, for operators. */
  get routes(): Readonly<Record<string, number[]>> {
    return this.router.table;
  }

  /** Takes no more commands, waits for what waits, and sends what is to be sent. */
  async stop(): Promise<void> {
    await this.inbox.stop();
    await this.watch.stop();
    await this.router.stop();
    await this.outbox.flushed();
  }
}
