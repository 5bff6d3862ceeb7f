import { isFailure, settleInHalves, uuidv7 } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import { CircuitBreaker } from './circuit-breaker.ts';
import { CommitQueue } from './commit-queue.ts';
import type { ActorRow, Appended, CommitQueueLimits } from './commit-queue.ts';
import { JournalFailure } from './journal-failures.ts';
import type {
  ActorHistory, ActorKey, ClaimAnswer, JournalStorage, PruneLimits, Recorded, RecordedRow, ShardOwner,
  ShardPosition, Snapshot,
} from './journal-storage.ts';
import { Lease } from './lease.ts';

/** The storage of the journal, and the limits of its commit queue, above which it throttles. */
export interface JournalOptions extends Partial<CommitQueueLimits> {
  readonly storage: JournalStorage;
  readonly runtime: Runtime;
}

const DEFAULTS: CommitQueueLimits = {
  batchRowsMax: 512,
  batchBytesMax: 256 * 1024,
  queueRowsMax: 4_096,
  queueBytesMax: 4 * 1024 * 1024,
};
const LOAD_ACTORS_MAX = 256;

interface Loading {
  readonly key: ActorKey & { readonly upToSeq?: number | undefined };
  readonly done: (history: ActorHistory) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A node's access to the journal: leases on shards, appends in groups, loads in groups, and all reads. While the
 * storage is away, every call throws `JournalFailure.unavailable` with `retryAfterMs` at once.
 */
export class Journal {
  private readonly storage: JournalStorage;
  private readonly runtime: Runtime;
  private readonly breaker: CircuitBreaker;
  private readonly queue: CommitQueue;
  private readonly loading: Loading[] = [];

  constructor({ storage, runtime, ...limits }: JournalOptions) {
    this.storage = storage;
    this.runtime = runtime;
    this.breaker = new CircuitBreaker(runtime.clock);
    this.queue = new CommitQueue(storage, runtime, this.breaker, { ...DEFAULTS, ...limits });
  }

  /** 0 while the storage answers, otherwise the time until the next attempt. For readiness. */
  get retryAfterMs(): number {
    return this.breaker.retryAfterMs;
  }

  /** The owners of these shards and their epochs, which `claim` needs. */
  owners(shards: readonly number[]): Promise<ShardOwner[]> {
    return this.asking((storage) => storage.owners(shards));
  }

  /**
   * Takes a shard over from the epoch that the caller saw. Returns undefined if another node was faster. Waits until
   * the old owner's commits have ended, and cuts that owner off if they do not end. Repeats the claim once under the
   * same token if the answer is lost.
   */
  async claim(shard: number, seenEpoch: number): Promise<Lease | undefined> {
    const epoch = await this.claimedEpoch(shard, seenEpoch);
    return epoch === undefined ? undefined : new Lease(shard, epoch);
  }

  /**
   * Raises the epoch of a held shard, so that a node that saw the old one cannot take it over any more. The memory
   * stays valid, since nobody has written in between. Returns false if another node has claimed it.
   */
  async claimAgain(lease: Lease): Promise<boolean> {
    const epoch = await this.claimedEpoch(lease.shard, lease.epoch);
    if (epoch === undefined || !lease.held) return false;
    lease.raise(epoch);
    return true;
  }

  /** Calls `listener` after each commit of this process, and after attempts with an unknown outcome. */
  onCommit(listener: () => void): void {
    this.queue.onCommit(listener);
  }

  /** Gives a shard back once all its commits have answers, so that the next claim need not wait. */
  async release(lease: Lease): Promise<void> {
    await this.queue.settled(lease.shard);
    if (!lease.held) return;
    lease.lose();
    await this.disown(lease.shard, lease.epoch);
  }

  /** Gives back a shard that this process knows only from its row, because the answer to its claim was lost. */
  async disown(shard: number, epoch: number): Promise<void> {
    await this.asking((storage) => storage.release(shard, epoch));
  }

  /**
   * Queues a row for the next commit. Several rows of one actor may be in flight, each decided on the state after the
   * one before. Throws at once, with nothing queued: `JournalFailure.shardLost`, `JournalFailure.unavailable`, `JournalFailure.full`.
   */
  append(lease: Lease, row: ActorRow): Promise<Appended> {
    return this.queue.append(lease, row);
  }

  /**
   * The committed history of an actor: its latest snapshot, and the rows after it. Loads of one turn are one query.
   * Waits for rows that an earlier life of the actor has in flight here. Throws `JournalFailure.shardLost` if the lease is lost before
   * the answer comes.
   */
  load(lease: Lease, actor: string): Promise<ActorHistory> {
    return this.loadUnder(lease, actor, () => this.loadGrouped({ shard: lease.shard, actor }));
  }

  /** The same for the app's own rows of an actor, which each commit also writes. */
  async loadUnder<T>(lease: Lease, actor: string, load: () => Promise<T>): Promise<T> {
    if (!lease.held) throw JournalFailure.shardLost(lease.shard);
    await this.queue.settled(lease.shard, actor);
    if (!lease.held) throw JournalFailure.shardLost(lease.shard);
    const loaded = await load();
    if (!lease.held) throw JournalFailure.shardLost(lease.shard);
    return loaded;
  }

  /** The actor after the command with this sequence number. */
  loadAt(key: ActorKey, seq: number): Promise<ActorHistory> {
    return this.loadGrouped({ ...key, upToSeq: seq });
  }

  /** At most `limit` commands after `afterSeq`, oldest first, as far back as rows are kept. */
  history(key: ActorKey, afterSeq: number, limit: number): Promise<RecordedRow[]> {
    return this.asking((storage) => storage.history(key, afterSeq, limit));
  }

  findByCommandId(key: ActorKey, commandId: string): Promise<Recorded | undefined> {
    return this.asking((storage) => storage.findByCommandId(key, commandId));
  }

  saveSnapshot(key: ActorKey, snapshot: Snapshot): Promise<void> {
    return this.asking((storage) => storage.saveSnapshot(key, snapshot));
  }

  /** For relays: at most `limit` rows of each shard after the given position, in commit order. */
  readAfter(positions: readonly ShardPosition[], limit: number): Promise<RecordedRow[]> {
    return this.asking((storage) => storage.readAfter(positions, limit));
  }

  checkpoints(consumer: string): Promise<ShardPosition[]> {
    return this.asking((storage) => storage.checkpoints(consumer));
  }

  /** Never moves a checkpoint back. Rows above the slowest consumer's checkpoint are never pruned. */
  saveCheckpoints(consumer: string, positions: readonly ShardPosition[]): Promise<void> {
    return this.asking((storage) => storage.saveCheckpoints(consumer, positions));
  }

  forgetConsumer(consumer: string): Promise<void> {
    return this.asking((storage) => storage.forgetConsumer(consumer));
  }

  /** Deletes unneeded rows; returns their number. Call again while it returns some. */
  prune(shard: number, limits: PruneLimits): Promise<number> {
    return this.asking((storage) => storage.prune(shard, limits));
  }

  close(): Promise<void> {
    return this.storage.close();
  }

  private async claimedEpoch(shard: number, seenEpoch: number): Promise<number | undefined> {
    const token = uuidv7(this.runtime);
    const answer = await this.asking((storage) => {
      const ask = (): Promise<ClaimAnswer> => storage.claim(shard, seenEpoch, token);
      return ask().catch(ask);
    });
    return answer.granted ? answer.epoch : undefined;
  }

  private async asking<T>(ask: (storage: JournalStorage) => Promise<T>): Promise<T> {
    this.breaker.guard();
    try {
      const answer = await ask(this.storage);
      this.breaker.succeeded();
      return answer;
    } catch (error) {
      if (!isFailure(error) || error.kind !== 'unavailable') throw error;
      this.breaker.failed();
      throw JournalFailure.unavailable(this.retryAfterMs).causedBy(error);
    }
  }

  private loadGrouped(key: Loading['key']): Promise<ActorHistory> {
    return new Promise((done, failed) => {
      this.loading.push({ key, done, failed });
      if (this.loading.length === 1) this.runtime.defer(() => void this.loadAll());
    });
  }

  private async loadAll(): Promise<void> {
    const waiting = this.loading.splice(0);
    for (let from = 0; from < waiting.length; from += LOAD_ACTORS_MAX) {
      const group = waiting.slice(from, from + LOAD_ACTORS_MAX);
      // A name that PostgreSQL does not accept as text fails the query, and must not fail other loads.
      const load = (part: readonly Loading[]): Promise<ActorHistory[]> =>
        this.asking((storage) => storage.load(part.map(({ key }) => key)));
      const loaded = await settleInHalves(group, load, isFailure);
      loaded.forEach((one, index) => {
        const { done, failed } = group[index] as Loading;
        if (one.status === 'fulfilled') done(one.value);
        else failed(one.reason);
      });
    }
  }
}
