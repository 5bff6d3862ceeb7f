import { TOPICS } from '@aisle/contracts';
import { clockJump, hung } from '../nemeses/inside.ts';
import { limitNemeses } from '../nemeses/limits.ts';
import { poisonEvents, poisonedMarkets } from '../nemeses/poison.ts';
import { killed, paused, stolenPorts } from '../nemeses/processes.ts';
import { serverNemeses } from '../nemeses/servers.ts';
import type { Nemesis } from '../nemeses/nemesis.ts';
import { watchOrders } from './control-orders.ts';

/** The faults on an order's way. */
export const stockNemeses: readonly Nemesis[] = [
  { ...killed('market', 2_500), perRound: 3 },
  { ...killed('inventory', 1_500), perRound: 3 },
  { ...killed('orders', 1_500), perRound: 3 },
  killed('basket-manager', 1_000),
  killed('gateway', 500),
  {
    name: 'kill -9 all of market, orders and inventory',
    holdMs: 500,
    async start({ system }) {
      const nodes = (['market', 'orders', 'inventory'] as const).flatMap((app) => system.nodes(app));
      await Promise.all(nodes.map((node) => system.kill(node)));
      return { victims: 'all three', heal: () => system.complete() };
    },
  },
  paused('market', 1.5),
  paused('inventory', 3),
  paused('orders', 3),
  hung('market'),
  hung('orders'),
  hung('inventory'),
  stolenPorts('market'),
  stolenPorts('orders'),
  clockJump('market', 20_000),
  clockJump('orders', 20_000),
  clockJump('inventory', -20_000),
  ...serverNemeses,
  ...limitNemeses,
  poisonedMarkets,
  poisonEvents(Object.values(TOPICS), watchOrders),
];

/** The faults for a run of a minute. */
export const quickStockNemeses: readonly Nemesis[] = [
  'kill -9 a market', 'kill -9 a inventory', 'Redis FLUSHALL', 'kill -9 a orders', 'poison rows of markets',
  `poison events of ${Object.values(TOPICS).join(', ')}`,
].map((name) => stockNemeses.find((nemesis) => nemesis.name === name) as Nemesis);
