import { DeadLetters, forgetConsumer, knownConsumers, type SqlClient } from '@aisle/events';
import { naming } from '@aisle/persistence';
import { z } from 'zod';
import type { AppContext } from './run-app.ts';

/** An app that reads topics. */
export interface ReaderParts {
  /** The app's database, and how its connections are called there. */
  readonly connection: { readonly url: string; readonly applicationName: string };
  /** The names of its consumers: their dead letters are its own. */
  readonly consumers: readonly string[];
}

/** An app that writes topics. */
export interface TellerParts {
  readonly connection: ReaderParts['connection'];
  /** A connection in the schema of its outbox. */
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
  message: 'say which: consumer, topic, type, code or ids, or { "all": true }',
});

/**
 * The dead letters of an app's consumers on its ops port: `dead-letters` lists them and `dead-letters/groups` groups them;
 * `dead-letters/redrive` and `dead-letters/discard` take a filter. Close it when the app stops.
 */
export function showDeadLetters({ view, operation }: Ops, { connection, consumers }: ReaderParts): { close(): Promise<void> } {
  const { close, ...connected } = DeadLetters.connect(connection.url, connection.applicationName);
  const deadLetters = naming(connection.url, connected.deadLetters);
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
 * The consumers of an app's topics on its ops port: `consumers` says how far each is behind, `consumers/forget` lets one go
 * for which events would be kept for ever.
 */
export function showConsumers({ view, operation }: Ops, { connection, client, topics }: TellerParts): void {
  const named = naming(connection.url, client);
  view('consumers', async () => ({ items: await knownConsumers(named, topics) }));
  operation('consumers/forget', Forgotten, async ({ consumer }) => ({ consumer, topics: await forgetConsumer(named, consumer, topics) }));
}
