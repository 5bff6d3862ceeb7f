import { ClusterRegistry, NameRepository, type NameStorage } from '@aisle/cluster';
import { createPool } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime as runtime } from '@aisle/std';
import { System, type Ref } from '@aisle/supervision';
import { createMetrics } from '@aisle/telemetry';
import { consumerKey, type Consumers } from '../consumer/consumers.ts';
import { startParts } from '../parts.ts';
import { pipelineKey, type Pipelines } from '../pipeline/pipelines.ts';
import { producerConsumerSchema } from '../schema.ts';
import { StoreUnavailable } from '../store/store.repository.ts';

const TIMES = { leaseMs: 600, marginMs: 100 };
const TENANT = 't';
/** Room for some pipelines of the size that tests make, and not for many. */
export const PIPELINES_MAX = { eventsPerSecond: 100_000, eventsUnderWay: 100_000, stages: 100 };

/** One process of the group, without its broker. */
export interface GroupProcess {
  readonly consumers: Consumers;
  readonly pipelines: Pipelines;
  readonly system: System;
  /** The server of a consumer or pipeline of the tenant `t`, if it bears its name here. */
  server(kind: 'consumer' | 'pipeline', name: string): Ref | undefined;
  /** From now on its lease is not renewed: for the others, as dead as can be. */
  cutOff(): void;
}

/** Processes that share names and a store on the ensured PostgreSQL. */
export class Group {
  private readonly ends: (() => Promise<unknown>)[] = [];

  private constructor(readonly database: TestDatabase) {}

  static async open(): Promise<Group> {
    return new Group(await testDatabase(producerConsumerSchema));
  }

  async process(incarnation: string): Promise<GroupProcess> {
    const connection = { url: this.database.appUrl, schema: producerConsumerSchema.schema, applicationName: incarnation };
    const [names, store] = [createPool({ ...connection, poolMax: 1 }), createPool({ ...connection, poolMax: 2 })];
    const pages = createPool({ ...connection, poolMax: 1 });
    const link = { isCut: false };
    const system = new System(runtime, { hooks: {} });
    const everywhere = new ClusterRegistry({
      storage: through(link, new NameRepository(names)), system, incarnation, queue: `queue of ${incarnation}`, times: TIMES,
    });
    await everywhere.join();
    const metrics = createMetrics(incarnation);
    const parts = await startParts({ system, everywhere, store, pages, metrics, consumersMax: 1_000, pipelinesMax: PIPELINES_MAX });
    this.ends.push(async () => {
      await parts.stop();
      link.isCut = false;
      await everywhere.leave();
      await Promise.all([names.end(), store.end(), pages.end()]);
    });
    return {
      ...parts, system,
      server: (kind, name) => {
        const which = { tenant: TENANT, name };
        return everywhere.lookup(kind === 'consumer' ? consumerKey(which) : pipelineKey(which))[0]?.ref;
      },
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
