import { Inbox, Outbox } from '@aisle/broker';
import { Membership, NodeLeaseRepository } from '@aisle/cluster';
import { createPool } from '@aisle/persistence';
import { BaseConfig, type AppContext, type RunningApp } from '@aisle/platform';
import { errorFields } from '@aisle/telemetry';
import { z } from 'zod';
import { Router } from './routing/router.ts';

const BasketManagerConfig = BaseConfig.extend({
  /** The app role's. Only the group's node leases are read. */
  DATABASE_URL: z.url(),
});

type Context = AppContext<z.infer<typeof BasketManagerConfig>>;

/** Routes commands to the basket-server that owns their shard. Any number of them run side by side. */
export const basketManager = { name: 'basket-manager', config: BasketManagerConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, logger, runtime, transport, health } = context;
  const pool = createPool({
    url: config.DATABASE_URL,
    schema: 'basket',
    applicationName: config.INSTANCE,
    poolMax: 2,
  });
  const outbox = new Outbox({ transport, runtime });
  const router = new Router(outbox);
  const membership = new Membership({
    leases: new NodeLeaseRepository(pool),
    runtime,
    onChange(members) {
      router.place(members);
      logger.info('members changed', { members: members.map(({ incarnation }) => incarnation) });
    },
    onReadFailed: (error) => logger.warn('membership not read', errorFields(error)),
  });
  await membership.start();
  const inbox = new Inbox({
    transport,
    runtime,
    queue: 'basket-manager',
    onEnvelope: (envelope) => router.route(envelope),
  });
  inbox.start();

  health.check('owners', () => (router.hasOwners ? undefined : 'no basket-server is known to be alive'));
  context.view('routes', () => router.routes);

  return {
    async stop() {
      await inbox.stop();
      await membership.stop();
      await outbox.flushed();
      await pool.end();
    },
  };
}
