import { DeadLetters, forgetConsumer, knownConsumers, type SqlClient } from '@aisle/events';
import { withDatabaseErrors } from '@aisle/persistence';
import { z } from 'zod';
import type { AppContext } from './run-app.ts';

/** The consumers of an app. */
export interface ConsumerParts {
  /** The app's database, and the name of the app's connections to it. */
  readonly connection: { readonly url: string; readonly applicationName: string };
  /** Names of the app's consumers. Only their dead letters are shown. */
  readonly consumers: readonly string[];
}

/** The published topics of an app. */
export interface PublisherParts {
  readonly connection: ConsumerParts['connection'];
  /** A client whose schema has the app's outbox. */
  readonly client: SqlClient;
  readonly topics: readonly string[];
}

type Ops = Pick<AppContext<unknown>, 'view' | 'operation'>;

const PAGE = {
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
};
const name = z.string().min(1).optional();
const Filter = z.strictObject({ consumer: name, topic: name, type: name, code: name });
const Page = Filter.extend(PAGE);
const Chosen = Filter.extend({
  ids: z.array(z.int().min(1)).max(10_000).optional(),
  all: z.literal(true).optional(),
}).refine((chosen) => Object.values(chosen).some((value) => value !== undefined), {
  message: 'choose the letters: give consumer, topic, type, code or ids, or { "all": true }',
});

/**
 * Adds the dead letters of an app's consumers to its ops port. The views `dead-letters` and `dead-letters/groups` list and group
 * them; the operations `dead-letters/redrive` and `dead-letters/discard` take a filter. Close the result when the app stops.
 */
export function showDeadLetters({ view, operation }: Ops, { connection, consumers }: ConsumerParts): { close(): Promise<void> } {
  const { close, ...connected } = DeadLetters.connect(connection.url, connection.applicationName);
  const deadLetters = withDatabaseErrors(connection.url, connected.deadLetters);
  view('dead-letters', async ({ after, limit, ...filter }) => ({
    items: await deadLetters.list({ ...filter, consumers }, limit, after),
  }), Page);
  view('dead-letters/groups', async (filter) => ({ items: await deadLetters.groups({ ...filter, consumers }) }), Filter);
  operation('dead-letters/redrive', Chosen, async ({ all: _all, ...filter }) => ({
    redriven: await deadLetters.redrive({ ...filter, consumers }),
  }));
  operation('dead-letters/discard', Chosen, async ({ all: _all, ...filter }) => ({
    discarded: await deadLetters.discard({ ...filter, consumers }),
  }));
  return { close };
}

const Forgotten = z.strictObject({ consumer: z.string().min(1) });

/**
 * Adds the consumers of an app's topics to its ops port. The view `consumers` shows the lag of each; the operation
 * `consumers/forget` removes a retired consumer, for which events would be retained for ever.
 */
export function showConsumers({ view, operation }: Ops, { connection, client, topics }: PublisherParts): void {
  const checked = withDatabaseErrors(connection.url, client);
  view('consumers', async () => ({ items: await knownConsumers(checked, topics) }));
  operation('consumers/forget', Forgotten, async ({ consumer }) => ({ consumer, topics: await forgetConsumer(checked, consumer, topics) }));
}
