import { Requester, FrameSender, createMemoryTransport } from '@aisle/broker';
import { Journal, JournalFailure, PostgresStorage, type Lease } from '@aisle/journal';
import type { TestDatabase } from '@aisle/persistence/testing';
import { Registry } from '@aisle/registry';
import { isFailure, systemRuntime as runtime, uuidv7, type Clock, type Failure } from '@aisle/std';
import { Supervisor, System, type Ref } from '@aisle/supervision';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { DueRows } from '../expiry/due.repository.ts';
import type { Action } from '../market/command.ts';
import type { MarketOutcome } from '../market/market-behaviour.ts';
import { marketActor, type LiveMarket } from '../market/market.actor.ts';
import { Markets } from '../market/markets.ts';
import { Occasions } from '../market/occasions.ts';
import { DYNAMIC_MARKET_SUPERVISOR, marketTree } from '../market.tree.ts';
import { MarketLists } from '../rows/market-lists.repository.ts';
import { MarketRows, type MarketId } from '../rows/market-rows.repository.ts';
import { OrderLookUp } from '../rows/order-look-up.ts';
import { openRows } from '../rows/rows.repository.ts';
import { defaults } from './bare-market.ts';

/** One market process on a real database, without a cluster. It claims a shard at the first request for it. */
export class MarketNode {
  readonly clock: Clock & { aheadMs: number };
  readonly markets: Markets;
  readonly lists: MarketLists;
  readonly due: DueRows;
  private readonly leases = new Map<number, Promise<Lease>>();
  private readonly live = new Map<string, Promise<LiveMarket>>();

  private constructor(
    readonly journal: Journal,
    readonly rows: MarketRows,
    readonly pool: Pool,
    private readonly database: DataSource,
    private readonly root: Ref,
    system: System,
    url: string,
  ) {
    this.clock = {
      aheadMs: 0,
      nowMs: () => runtime.clock.nowMs() + this.clock.aheadMs,
      monotonicMs: () => runtime.clock.monotonicMs(),
    };
    const parts = { lookUp: new OrderLookUp(rows, runtime), occasions: new Occasions(this.clock), defaults };
    const actor = marketActor({ rows, ...parts });
    const kind = actor.kind({
      journal,
      registry: new Registry(system, { keys: 'unique' }),
      supervisor: Supervisor.child(root, DYNAMIC_MARKET_SUPERVISOR),
    });
    const start = async (shard: number, key: string): Promise<LiveMarket> => kind.start(key, await this.lease(shard), () => true);
    const ask = async <T>(shard: number, key: string, send: (market: LiveMarket) => Promise<T>): Promise<T> => {
      for (let run = 1; ; run += 1) {
        let live = await this.live.get(key);
        if (!live || !kind.isAlive(live)) {
          const starting = start(shard, key);
          this.live.set(key, starting);
          live = await starting;
        }
        try {
          return await send(live);
        } catch (failure) {
          if (run >= 3 || !isFailure(failure) || !kind.mayRunAgain(failure as Failure)) throw failure;
        }
      }
    };
    this.markets = new Markets({ node: { ask }, actor, ...parts });
    this.lists = new MarketLists(database, url);
    this.due = new DueRows(database, url);
  }

  static async start({ appUrl: url }: TestDatabase, { poolMax = 2, connectTimeoutMs = 1_000 } = {}): Promise<MarketNode> {
    const incarnation = uuidv7(runtime);
    const connection = { url, schema: 'market', applicationName: incarnation };
    const { database, pool } = await openRows({ ...connection, poolMax, connectTimeoutMs });
    const journal = new Journal({ storage: new PostgresStorage({ ...connection, incarnation, runtime, lanes: 1 }), runtime });
    const system = new System(runtime, { hooks: {} });
    const root = await system.start(marketTree(100));
    return new MarketNode(journal, new MarketRows(database, url), pool, database, root, system, url);
  }

  /** Runs a command under a new id, unless one is given. */
  async do(id: MarketId, action: Action, commandId: string = uuidv7(runtime)): Promise<MarketOutcome> {
    return (await this.markets.run(id, { id: commandId, by: '', traceparent: '' }, action)).outcome;
  }

  /** Ends the process without a handover: no shard is released, and the state in memory is lost. */
  async kill(): Promise<void> {
    await this.root.stop('shutdown', 'infinity');
    await this.journal.close();
    await this.database.destroy();
  }

  private lease(shard: number): Promise<Lease> {
    let lease = this.leases.get(shard);
    if (!lease) this.leases.set(shard, (lease = this.claim(shard)));
    return lease;
  }

  private async claim(shard: number): Promise<Lease> {
    const [owner] = await this.journal.owners([shard]);
    const lease = await this.journal.claim(shard, owner?.epoch ?? 0);
    if (!lease) throw JournalFailure.shardLost(shard);
    return lease;
  }
}

/** A requester that delivers `expire` messages to the markets of a node, as a manager would. */
export function requesterTo(node: MarketNode): Pick<Requester, 'request'> & { close(): Promise<void> } {
  const transport = createMemoryTransport({ runtime });
  const requester = new Requester({ transport, runtime, sender: new FrameSender({ transport, runtime }), replyQueue: 'unused' });
  return {
    async request<T>(_queue: string, { tenant, market }: MarketId, body: unknown): Promise<T> {
      await node.do({ tenant, market }, { kind: 'expire', ...(body as { orderIds: string[] }) });
      return undefined as T;
    },
    close: () => requester.close(),
  };
}
