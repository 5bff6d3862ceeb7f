import 'reflect-metadata';
import { AppEventsModule } from '@aisle/platform';
import { memoryContext } from '@aisle/platform/testing';
import { APPS } from './apps.ts';

/** A module of Nest, as far as its imports go. */
interface Made {
  readonly module: object;
  readonly imports?: readonly unknown[];
  readonly providers?: readonly unknown[];
}

/** The events of an app, as it gives them to `AppEventsModule`. */
interface AppEvents {
  readonly publishes?: Readonly<Record<string, readonly string[]>>;
  readonly consumers?: readonly { readonly name: string; readonly topics: readonly string[] }[];
}

const ENVIRONMENT = { DATABASE_URL: 'postgres://nobody@localhost/none' };

describe('the events of a topic', () => {
  it('are kept for every consumer that reads it, and for no other', async () => {
    const events = await Promise.all(APPS.map(eventsOf));
    const keptFor = events.flat().flatMap(({ publishes = {} }) =>
      Object.entries(publishes).flatMap(([topic, consumers]) => consumers.map((consumer) => `${topic} for ${consumer}`)));
    const read = events.flat().flatMap(({ consumers = [] }) =>
      consumers.flatMap(({ name, topics }) => topics.map((topic) => `${topic} for ${name}`)));

    expect(read).not.toEqual([]);
    expect(keptFor.sort()).toEqual(read.sort());
  });
});

async function eventsOf(app: (typeof APPS)[number]): Promise<AppEvents[]> {
  const context = memoryContext(app.config, ENVIRONMENT);
  const modules = modulesIn(app.root(context as never));
  await context.close();
  return modules.filter(({ module }) => module === AppEventsModule).flatMap(({ providers = [] }) =>
    providers.flatMap((provider) => (isValue(provider) ? [provider.useValue] : [])));
}

/** The module, and those that it imports. */
function modulesIn(module: unknown): Made[] {
  const made = typeof module === 'function' ? { module } : module as Made;
  const declared = (Reflect.getMetadata('imports', made.module) ?? []) as unknown[];
  return [made, ...[...(made.imports ?? []), ...declared].flatMap(modulesIn)];
}

function isValue(provider: unknown): provider is { readonly useValue: AppEvents } {
  return typeof provider === 'object' && provider !== null && 'useValue' in provider;
}
