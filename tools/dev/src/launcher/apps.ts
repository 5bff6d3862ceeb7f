// Which processes make up the system, and what each is told by its environment.
import { reservePort } from '../process/ports.ts';
import { strategiesFolder } from '../workspace.ts';
import type { AppSpec } from './app-process.ts';
import type { StartOptions } from './options.ts';

const FIRST_OPS_PORT = 9101;
/** Where producer-consumer shows its pipelines when nothing else listens there. */
export const LIVE_PORT = 4000;

export interface Plan {
  /** In the order in which they stop, each stage at once: who takes requests goes first. */
  readonly stages: readonly (readonly AppSpec[])[];
  /** The instance that listens for shoppers. */
  readonly gateway: string;
  /** What there is to say about ports. */
  readonly remarks: readonly string[];
}

/** Where the gateway listens when nothing else does: `PORT`, or 3000. */
export function wantedPort(): number {
  const wanted = Number(process.env['PORT'] || 3000);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 65_535) {
    throw new Error(`PORT is '${process.env['PORT']}': it takes a number from 1 to 65535`);
  }
  return wanted;
}

export async function plan(
  options: StartOptions, env: Readonly<Record<string, string>>, databaseUrlOf: (app?: string) => string,
): Promise<Plan> {
  const remarks: string[] = [];
  const listen = { PORT: await reserve(wantedPort(), remarks) };
  const app = async (name: string, instance: string, ports: { PORT?: number } = {}): Promise<AppSpec> => {
    const opsPort = await reserve(nextOpsPort, remarks);
    nextOpsPort = opsPort + 1;
    const entry = name === 'monolith' ? 'tools/monolith/src/main.ts' : `apps/${name}/src/main.ts`;
    return {
      instance, entry, ports: { ...ports, OPS_PORT: opsPort },
      env: {
        STRATEGIES_FOLDER: strategiesFolder(), ...env, INSTANCE: instance,
        DATABASE_URL: databaseUrlOf(name === 'monolith' ? undefined : name),
      },
    };
  };
  let nextOpsPort = FIRST_OPS_PORT;
  if (options.oneProcess) return { stages: [[await app('monolith', 'aisle', listen)]], gateway: 'aisle', remarks };
  const gateway = await app('gateway', 'gateway', listen);
  const orders = await app('orders', 'orders');
  const inventory = await app('inventory', 'inventory');
  const live = { PORT: await reserve(LIVE_PORT, remarks) };
  const consumers = await app('producer-consumer', 'producer-consumer', live);
  // Two, so that commands find their way while one of them is restarted.
  const managers = [await app('basket-manager', 'basket-manager-1'), await app('basket-manager', 'basket-manager-2')];
  const servers = [await app('market', 'market')];
  for (let n = 1; n <= options.basketServers; n++) {
    servers.push(await app('basket-server', `basket-server-${n}`));
  }
  return { stages: [[gateway], [orders, inventory, consumers], managers, servers], gateway: 'gateway', remarks };
}

/** The first free port from `from`; says so when that is another one. */
export async function reserve(from: number, remarks: string[]): Promise<number> {
  const port = await reservePort(from);
  if (port !== from) remarks.push(`port ${from} is taken, using ${port}`);
  return port;
}
