import { EventConsumer, type Backbone, type ConsumerEvent } from '@aisle/events';
import { TOPICS } from '@aisle/contracts';
import type { Runtime } from '@aisle/std';
import { CatalogueInForce } from './catalogue-in-force.ts';
import { catalogueProjection } from './catalogue-projection.ts';
import { CatalogueRepository } from './catalogue.repository.ts';

/** The name under which baskets' servers read what markets say. */
export const CATALOGUE_CONSUMER = 'basket-catalogue';

export interface CatalogueOptions {
  readonly database: ConstructorParameters<typeof CatalogueRepository>[0];
  /** For the consumer's own connections. */
  readonly connection: { readonly url: string; readonly applicationName: string };
  readonly backbone: Backbone;
  readonly runtime: Runtime;
  readonly onFailed: (error: unknown) => void;
  readonly onEvent: (event: ConsumerEvent) => void;
}

/** The catalogue of a server, as it runs. */
export interface RunningCatalogue {
  readonly inForce: CatalogueInForce;
  stop(): Promise<void>;
}

/** Reads the catalogue and follows its rows; and takes its share of the work to write them, from what markets say. */
export async function startCatalogue(
  { database, connection, backbone, runtime, onFailed, onEvent }: CatalogueOptions,
): Promise<RunningCatalogue> {
  const repository = new CatalogueRepository(database);
  const inForce = new CatalogueInForce({ repository, runtime, onFailed });
  await inForce.start();
  const consumer = new EventConsumer({
    name: CATALOGUE_CONSUMER, topics: [TOPICS.markets], database: connection, backbone, runtime, onEvent,
    handle: catalogueProjection({ repository, onWritten: () => void inForce.refresh() }),
  });
  consumer.start();
  return {
    inForce,
    async stop() {
      await consumer.stop();
      await inForce.stop();
    },
  };
}
