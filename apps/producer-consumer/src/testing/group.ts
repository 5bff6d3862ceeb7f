import 'reflect-metadata';
import { NameRepository } from '@aisle/cluster';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { Incarnation, PlatformModule } from '@aisle/platform';
import { memoryContext } from '@aisle/platform/testing';
import { ClusterRegistry, type NameStorage } from '@aisle/registry';
import { System, type Ref } from '@aisle/supervision';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Consumers, consumerKey } from '../consumer/consumers.ts';
import { NAME_STORAGE, Pools } from '../names.module.ts';
import { Pipelines, pipelineKey } from '../pipeline/pipelines.ts';
import { ProducerConsumerConfig } from '../producer-consumer.config.ts';
import { producerConsumerSchema } from '../schema.ts';
import { ServersModule } from '../servers.module.ts';
import { StoreFailure } from '../store/store.repository.ts';

const TENANT = 't';
/** Capacity for a few pipelines of the size that tests use. */
export const PIPELINES_MAX = { eventsPerSecond: 100_000, eventsUnderWay: 100_000, stages: 100 };

const LIMITS = {
  LEASE_MS: '600', LEASE_MARGIN_MS: '100', CONSUMERS_LIVE_MAX: '1000', PIPELINES_RATE_MAX: String(PIPELINES_MAX.eventsPerSecond),
  PIPELINES_EVENTS_MAX: String(PIPELINES_MAX.eventsUnderWay), PIPELINES_STAGES_MAX: String(PIPELINES_MAX.stages),
};

/** One process of the group, without its broker. */
export interface GroupProcess {
  readonly consumers: Consumers;
  readonly pipelines: Pipelines;
  readonly system: System;
  /** The server of a consumer or pipeline of the tenant `t`, if this process holds its name. */
  server(kind: 'consumer' | 'pipeline', name: string): Ref | undefined;
  /** Keeps the process from renewing its lease, so that it is dead for the others. */
  cutOff(): void;
}

/** A group of processes that share names and a store, on a database of its own. */
export class Group {
  private readonly ends: (() => Promise<unknown>)[] = [];

  private constructor(readonly database: TestDatabase) {}

  static async open(): Promise<Group> {
    return new Group(await testDatabase(producerConsumerSchema));
  }

  async process(incarnation: string): Promise<GroupProcess> {
    const context = memoryContext(ProducerConsumerConfig, { DATABASE_URL: this.database.appUrl, INSTANCE: incarnation, ...LIMITS });
    const link = { isCut: false };
    const root = PlatformModule.with(context, ServersModule, { name: 'group', schema: producerConsumerSchema.schema });
    const app = await Test.createTestingModule({ imports: [root] })
      .overrideProvider(Incarnation).useValue(new Incarnation(incarnation, 'group'))
      .overrideProvider(NAME_STORAGE).useFactory({ factory: ({ names }: Pools) => through(link, new NameRepository(names)), inject: [Pools] })
      .compile();
    this.ends.push(async () => {
      link.isCut = false;
      await app.close();
      await context.close();
    });
    await app.init();
    const provider = <T>(type: Type<T>): T => app.get(type, { strict: false });
    const clusterNames = provider(ClusterRegistry);
    return {
      consumers: provider(Consumers), pipelines: provider(Pipelines), system: provider(System),
      server: (kind, name) => {
        const which = { tenant: TENANT, name };
        return clusterNames.lookup(kind === 'consumer' ? consumerKey(which) : pipelineKey(which))[0]?.ref;
      },
      cutOff: () => void (link.isCut = true),
    };
  }

  /** Shuts all processes down, one after another. */
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
      if (link.isCut) throw StoreFailure.unavailable('cut off');
      return Reflect.get(target, method) as unknown;
    },
  });
}
