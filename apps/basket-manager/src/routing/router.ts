import type { Envelope, Outbox } from '@aisle/broker';
import { reply } from '@aisle/broker';
import { placeShards, type Member } from '@aisle/cluster';
import { SHARDS, actorKey, shardOf } from '@aisle/contracts';
import { Failure, type FailureFacts } from '@aisle/std';

/** A frame that came back from two servers has no owner that both sides agree on yet. */
const HOPS_MAX = 1;

class NoServer extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'basket.no_server';
  constructor() {
    super('no basket-server can take this basket right now; retry with the same Idempotency-Key', {
      retryAfterMs: 1_000,
    });
  }
}

class UnknownGroup extends Failure {
  readonly kind = 'missing';
  readonly code = 'command.unknown';
  constructor(type: string) {
    super('no app answers this type of command', { type });
  }
}

/**
 * Sends each command on to the server that owns its shard. It reads headers, never bodies, and
 * remembers nothing about a command once it is sent.
 */
export class Router {
  private owners: readonly Member[] = [];

  constructor(private readonly outbox: Outbox) {}

  /** The nodes that take commands from now on. */
  place(members: readonly Member[]): void {
    this.owners = placeShards(members, SHARDS.basket);
  }

  /** True once there is somebody to send to. */
  get hasOwners(): boolean {
    return this.owners.length > 0;
  }

  /** Who owns which shard, for operators. */
  get routes(): Readonly<Record<string, number[]>> {
    const routes: Record<string, number[]> = {};
    for (const [shard, { queue }] of this.owners.entries()) (routes[queue] ??= []).push(shard);
    return routes;
  }

  route(envelope: Envelope): void {
    if (!envelope.type.startsWith('basket.')) return this.refuse(envelope, new UnknownGroup(envelope.type));
    if (envelope.hops > HOPS_MAX) return this.refuse(envelope, new NoServer());
    const shard = shardOf('basket', actorKey(envelope.tenant, envelope.market, envelope.actor));
    const owner = this.owners[shard];
    if (!owner) return this.refuse(envelope, new NoServer());

    envelope.shard = shard;
    this.outbox.send(owner.queue, envelope).catch((error: unknown) => {
      this.refuse(envelope, error as FailureFacts);
    });
  }

  private refuse(envelope: Envelope, failure: FailureFacts): void {
    reply(this.outbox, envelope, { failure });
  }
}
