import type { AppName, Direction } from '@aisle/dev/testing';
import { drawNode, type Nemesis } from './nemesis.ts';

type Server = 'Redis' | 'PostgreSQL';

// Longer than the lease, so that a node that is cut off from PostgreSQL loses its shards.
const CUT_MS = 3_500;
const SLOW_MS = 150;
const DIRECTIONS: readonly Direction[] = ['both', 'to-server', 'to-client'];

/** Faults between one process and Redis or PostgreSQL. */
export const linkNemeses: readonly Nemesis[] = [
  ...DIRECTIONS.map((direction) => cut('basket-server', 'PostgreSQL', direction)),
  ...DIRECTIONS.map((direction) => cut('basket-server', 'Redis', direction)),
  cut('basket-manager', 'PostgreSQL', 'both'),
  cut('basket-manager', 'Redis', 'both'),
  cut('gateway', 'Redis', 'to-client'),
  cutAfterBytes('basket-server', 'PostgreSQL'),
  cutAfterBytes('basket-server', 'Redis'),
  slow('basket-server', 'PostgreSQL'),
];

/** Data waits in that direction, and goes on after the heal, late and without notice. */
function cut(app: AppName, server: Server, direction: Direction): Nemesis {
  const ways = { both: 'both ways', 'to-server': 'one way, to the server', 'to-client': 'one way, from the server' };
  return {
    name: `cut a ${app} from ${server}, ${ways[direction]}`,
    holdMs: CUT_MS,
    async start(ground) {
      const node = await drawNode(ground, app);
      const proxy = server === 'Redis' ? node.redis : node.postgres;
      proxy.block(direction);
      return { victims: node.process.instance, heal: async () => proxy.unblock() };
    },
  };
}

/** Connections end in the middle of an answer, five times. */
function cutAfterBytes(app: AppName, server: Server): Nemesis {
  return {
    name: `cut a ${app} from ${server} after n bytes`,
    holdMs: 2_500,
    async start(ground) {
      const node = await drawNode(ground, app);
      const proxy = server === 'Redis' ? node.redis : node.postgres;
      const again = (): void => proxy.cutAfter(1 + ground.random.int(4_000));
      again();
      const timer = setInterval(again, 500);
      return {
        victims: node.process.instance,
        heal: async () => {
          clearInterval(timer);
          proxy.heal();
        },
      };
    },
  };
}

function slow(app: AppName, server: Server): Nemesis {
  return {
    name: `delay between a ${app} and ${server} by ${SLOW_MS} ms each way`,
    holdMs: CUT_MS,
    async start(ground) {
      const node = await drawNode(ground, app);
      const proxy = server === 'Redis' ? node.redis : node.postgres;
      proxy.delay(SLOW_MS);
      return { victims: node.process.instance, heal: async () => proxy.unblock() };
    },
  };
}
