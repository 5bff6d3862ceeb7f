import { once } from 'node:events';
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { AppName } from '@aisle/dev/testing';
import { LEAVE_WITHIN_MS, type ChaosNode } from '../system/chaos-system.ts';
import { LEASE_MS, drawNode, wait, type Ground, type Nemesis } from './nemesis.ts';

/** Faults of the apps' processes. */
export const processNemeses: readonly Nemesis[] = [
  {
    name: 'kill -9 a basket-server',
    holdMs: 3_500,
    perRound: 4,
    measures: 'failover',
    async start(ground) {
      const victim = await drawNode(ground, 'basket-server');
      const shards = await ground.system.shardsOf(victim);
      const killed = { shards, atMs: performance.now() };
      await ground.system.kill(victim);
      return { victims: victim.process.instance, killed, heal: () => ground.system.complete() };
    },
  },
  killed('basket-manager', 1_500),
  killed('gateway', 500),
  {
    name: 'kill -9 all nodes at once',
    holdMs: 500,
    async start({ system }) {
      await Promise.all(system.nodes().map((node) => system.kill(node)));
      return { victims: 'all', heal: () => system.complete() };
    },
  },
  paused('basket-server', 0.5),
  paused('basket-server', 1.5),
  paused('basket-server', 5),
  paused('basket-manager', 5),
  paused('gateway', 1.5),
  stolenPorts('basket-server'),
  stolenPorts('gateway'),
  {
    name: 'rolling SIGTERM of the basket-servers',
    holdMs: 0,
    async start(ground) {
      const { system } = ground;
      const nodes = system.nodes('basket-server');
      for (const node of nodes) {
        await leave(ground, node);
        await system.start('basket-server');
      }
      return { victims: nodes.map(({ process }) => process.instance).join(' '), heal: async () => {} };
    },
  },
  {
    name: 'scale the basket-servers 2 -> 5 -> 2',
    holdMs: 1_000,
    async start(ground) {
      const { system } = ground;
      await leave(ground, await drawNode(ground, 'basket-server'));
      await wait(1_000);
      await Promise.all([1, 2, 3].map(() => system.start('basket-server')));
      await wait(2_000);
      for (let left = 3; left > 0; left -= 1) await leave(ground, await drawNode(ground, 'basket-server'));
      return { victims: 'basket-servers', heal: () => system.complete() };
    },
  },
];

/** A process of the app dies. */
export function killed(app: AppName, holdMs: number): Nemesis {
  return {
    name: `kill -9 a ${app}`,
    holdMs,
    async start(ground) {
      const victim = await drawNode(ground, app);
      await ground.system.kill(victim);
      return { victims: victim.process.instance, heal: () => ground.system.complete() };
    },
  };
}

/** A process of the app stands still for a number of leases. */
export function paused(app: AppName, leases: number): Nemesis {
  return {
    name: `SIGSTOP a ${app} for ${leases} x the lease`,
    holdMs: leases * LEASE_MS,
    async start(ground) {
      const { process } = await drawNode(ground, app);
      process.signal('SIGSTOP');
      return { victims: process.instance, heal: async () => process.signal('SIGCONT') };
    },
  };
}

/** A process dies. When it restarts, foreign servers answer on its ports, and report that all is well. */
export function stolenPorts(app: AppName): Nemesis {
  return {
    name: `stolen ports of a ${app}`,
    holdMs: 0,
    async start(ground) {
      const { system, violated } = ground;
      const victim = await drawNode(ground, app);
      const [port, opsPort] = [victim.process.url, victim.process.opsUrl].map((url) => Number(new URL(url).port)) as [number, number];
      await system.kill(victim);
      const thieves = [port, opsPort].map((stolen) =>
        createServer((_, response) => response.end('{"status":"ready"}')).listen(stolen, '127.0.0.1'));
      await Promise.all(thieves.map((thief) => once(thief, 'listening')));
      const { process } = await system.start(app, { port, opsPort });
      if (process.url === victim.process.url || process.opsUrl === victim.process.opsUrl) {
        violated('processes', `${process.instance} counts as ready on a port that it does not have`);
      }
      for (const thief of thieves) {
        thief.close();
        thief.closeAllConnections();
      }
      return { victims: victim.process.instance, heal: () => system.complete() };
    },
  };
}

/** SIGTERM with its promise: out in time, with exit code 0. */
async function leave({ system, violated }: Ground, node: ChaosNode): Promise<void> {
  const { instance } = node.process;
  const toldAtMs = Date.now();
  const code = await Promise.race([system.end(node), wait(LEAVE_WITHIN_MS + 2_000).then(() => undefined)]);
  const tookMs = Date.now() - toldAtMs;
  if (code === undefined) {
    violated('P9', `${instance} did not leave within ${tookMs} ms`);
    await system.kill(node);
  } else if (code !== 0) {
    violated('P9', `${instance} left with ${code} after ${tookMs} ms`);
  }
}
