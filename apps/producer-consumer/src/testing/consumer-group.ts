import { ClusterRegistry, NameRepository, type NameStorage } from '@aisle/cluster';
import { createPool } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { Registry } from '@aisle/registry';
import { systemRuntime as runtime } from '@aisle/std';
import { Supervisor, System } from '@aisle/supervision';
import type { ConsumerProtocol } from '../consumer/consumer.actor.ts';
import { ConsumerRepository } from '../consumer/consumer.repository.ts';
import { Consumers, consumerKey } from '../consumer/consumers.ts';
import { MessageLog } from '../consumer/message-log.ts';
import { DYNAMIC_CONSUMER_SUPERVISOR, STATE_KEEPER, producerConsumerTree } from '../producer-consumer.tree.ts';
import { producerConsumerSchema } from '../schema.ts';
import { StoreUnavailable } from '../store/store.repository.ts';

const TIMES = { leaseMs: 600, marginMs: 100 };

/** One process of the group, without its broker. */
export interface GroupProcess {
  readonly consumers: Consumers;
  /** The server of a consumer of the tenant `t`, if it lives here. */
  server(name: string): ReturnType<Registry<ConsumerProtocol>['whereis']>;
  /** From now on its lease is not renewed: for the others, as dead as can be. */
  cutOff(): void;
}

/** Processes that share names and a store on the ensured PostgreSQL. */
export class ConsumerGroup {
  private readonly ends: (() => Promise<unknown>)[] = [];

  private constructor(readonly database: TestDatabase) {}

  static async open(): Promise<ConsumerGroup> {
    return new ConsumerGroup(await testDatabase(producerConsumerSchema));
  }

  async process(incarnation: string): Promise<GroupProcess> {
    const connection = { url: this.database.appUrl, schema: producerConsumerSchema.schema, applicationName: incarnation };
    const pools = [createPool({ ...connection, poolMax: 1 }), createPool({ ...connection, poolMax: 2 })] as const;
    const link = { isCut: false };
    const system = new System(runtime);
    const everywhere = new ClusterRegistry({
      storage: through(link, new NameRepository(pools[0])), system, incarnation, queue: `queue of ${incarnation}`, times: TIMES,
    });
    await everywhere.join();
    const root = await system.start(producerConsumerTree(1_000));
    const repository = new ConsumerRepository(pools[1]);
    const here = new Registry<ConsumerProtocol, undefined>(system, { keys: 'unique' });
    this.ends.push(async () => {
      await root.stop('shutdown', 'infinity');
      link.isCut = false;
      await everywhere.leave();
      await Promise.all(pools.map((pool) => pool.end()));
    });
    return {
      consumers: new Consumers({
        here, everywhere, repository, runtime,
        log: new MessageLog(repository),
        keeper: Supervisor.child(root, STATE_KEEPER),
        supervisor: Supervisor.child(root, DYNAMIC_CONSUMER_SUPERVISOR),
      }),
      server: (name) => here.whereis(consumerKey({ tenant: 't', name })),
      cutOff: () => void (link.isCut = true),
    };
  }

  /** Ends every process in order. */
  async endAll(): Promise<void> {
    for (const end of this.ends.splice(0)) await end();
  }

  async close(): Promise<void> {
    await this.endAll();
    await this.database.drop();
  }
}

function through(link: { isCut: boolean }, storage: NameStorage): NameStorage {
  return new Proxy(storage, {
    get: (target, method) => {
      if (link.isCut) throw new StoreUnavailable('cut off', undefined);
      return Reflect.get(target, method) as unknown;
    },
  });
}
