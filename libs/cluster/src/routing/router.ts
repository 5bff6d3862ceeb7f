import { FrameReceiver, reply, type Envelope, type FrameSender, type Transport } from '@aisle/broker';
import type { Membership } from '@aisle/registry/membership';
import type { FailureFacts, Runtime } from '@aisle/std';
import { ClusterFailure } from '../cluster-failures.ts';
import type { ClusterView } from '../storage/cluster-storage.ts';
import { Hold, type HoldLimits } from './hold.ts';

/** A command that two nodes sent back has no owner that all sides agree on yet. */
const HOPS_MAX = 1;
const HOLD: HoldLimits = { messagesMax: 20_000, bytesMax: 16 * 1_024 * 1_024, waitMs: 3_000 };

/** Where commands come from and go to. */
export interface RouterOptions {
  readonly transport: Transport;
  readonly outbox: FrameSender;
  readonly runtime: Runtime;
  /** Throws a `Failure` for a command that the group does not know. */
  readonly shardOf: (envelope: Envelope) => number;
  readonly hold?: HoldLimits | undefined;
}

interface Route {
  readonly owner: string;
  readonly queue: string;
  /** The owner has been told to let go of it, and may have. */
  readonly isLeaving: boolean;
}

/**
 * Sends each command on to the node that owns its shard. It reads headers, never bodies, and remembers nothing
 * of a command once it is sent. What comes for a shard without an owner, or is sent back by a node that
 * does not own it any more, waits for the next look at the cluster.
 */
export class Router {
  private readonly hold: Hold;
  private routes: readonly (Route | undefined)[] = [];
  private hasNodes = false;
  /** Shards whose owner sent something back, and when: until a younger view says otherwise, it takes no more. */
  private readonly refusedAtMs = new Map<number, number>();
  private readonly leftovers = new Map<string, FrameReceiver>();

  constructor(private readonly options: RouterOptions) {
    this.hold = new Hold(options.hold ?? HOLD);
  }

  /** True once there is a node to send to. */
  get isUsable(): boolean {
    return this.hasNodes;
  }

  /** How many commands wait for an owner. */
  get holding(): number {
    return this.hold.size;
  }

  /** The shards of each queue, for operators. */
  get table(): Readonly<Record<string, number[]>> {
    const table: Record<string, number[]> = {};
    for (const [shard, route] of this.routes.entries()) if (route) (table[route.queue] ??= []).push(shard);
    return table;
  }

  /** Takes in what the cluster looks like; true while something waits for the next look. */
  onView({ owners, placement }: ClusterView, members: Membership, askedAtMs: number): boolean {
    this.hasNodes = members.notDead.length > 0;
    this.routes = owners.map(({ owner, shard }) => {
      if (owner === null || members.isDead(owner)) return undefined;
      const target = placement.targets[shard];
      const isLeaving = target != null && target !== owner && members.isAlive(target);
      const before = this.routes[shard];
      const refusedAtMs = this.refusedAtMs.get(shard);
      const isSettled = !isLeaving && refusedAtMs !== undefined && refusedAtMs < askedAtMs;
      if (isSettled || before?.owner !== owner) this.refusedAtMs.delete(shard);
      if (before?.owner === owner && before.isLeaving === isLeaving) return before;
      return { owner, queue: members.find(owner)?.queue ?? '', isLeaving };
    });
    this.takeLeftovers(members);
    this.releaseHeld();
    return this.hold.size > 0 || this.routes.some((route) => route?.isLeaving);
  }

  route(envelope: Envelope): void {
    let shard: number;
    try {
      shard = this.options.shardOf(envelope);
    } catch (failure) {
      return this.refuse(envelope, failure as FailureFacts);
    }
    envelope.shard = shard;
    if (envelope.hops > HOPS_MAX) return this.refuse(envelope, ClusterFailure.noOwner());
    if (envelope.hops > 0) this.refusedAtMs.set(shard, this.options.runtime.clock.monotonicMs());
    // In order behind those that wait already.
    const queue = this.hold.isWaiting(shard) ? undefined : this.openQueue(shard);
    if (queue !== undefined) return this.send(queue, envelope);
    if (!this.hasNodes) return this.refuse(envelope, ClusterFailure.noOwner());
    if (!this.hold.add(shard, envelope, this.options.runtime.clock.monotonicMs())) this.refuse(envelope, ClusterFailure.holdFull());
  }

  /** Nobody will look at the cluster again: what waits is told so. */
  async stop(): Promise<void> {
    await Promise.all([...this.leftovers.values()].map((inbox) => inbox.stop()));
    for (const shard of this.hold.waiting) {
      for (const envelope of this.hold.take(shard)) this.refuse(envelope, ClusterFailure.noOwner());
    }
  }

  private openQueue(shard: number): string | undefined {
    return this.refusedAtMs.has(shard) ? undefined : this.routes[shard]?.queue;
  }

  private releaseHeld(): void {
    const { clock } = this.options.runtime;
    for (const envelope of this.hold.takeExpired(clock.monotonicMs())) this.refuse(envelope, ClusterFailure.noOwner());
    const nowMs = clock.nowMs();
    for (const shard of this.hold.waiting) {
      const queue = this.openQueue(shard);
      if (queue === undefined && this.hasNodes) continue;
      for (const envelope of this.hold.take(shard)) {
        if (envelope.deadlineMs <= nowMs) continue;
        if (queue === undefined) this.refuse(envelope, ClusterFailure.noOwner());
        else this.send(queue, envelope);
      }
    }
  }

  /** What a dead node has not read any more goes to those that own its shards now. */
  private takeLeftovers(members: Membership): void {
    const dead = new Set(members.dead.map(({ queue }) => queue));
    for (const queue of dead) {
      if (this.leftovers.has(queue)) continue;
      const { transport, runtime } = this.options;
      const inbox = new FrameReceiver({ transport, runtime, queue, onEnvelope: (envelope) => this.route(envelope) });
      this.leftovers.set(queue, inbox);
      inbox.start();
    }
    for (const [queue, inbox] of this.leftovers) {
      if (dead.has(queue)) continue;
      this.leftovers.delete(queue);
      void inbox.stop();
    }
  }

  private send(queue: string, envelope: Envelope): void {
    this.options.outbox.send(queue, envelope).catch((error: unknown) => {
      this.refuse(envelope, error as FailureFacts);
    });
  }

  private refuse(envelope: Envelope, failure: FailureFacts): void {
    reply(this.options.outbox, envelope, { failure });
  }
}
