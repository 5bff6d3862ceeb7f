// The processes of the system, with their environments.
import { APPS, APP_NAMES, STAGES, type AppName } from '../app-list.ts';
import { bundled } from '../build/programs.ts';
import { reservePort } from '../process/ports.ts';
import { strategiesFolder } from '../workspace.ts';
import type { AppSpec } from './app-process.ts';
import type { StartOptions } from './options.ts';

const FIRST_OPS_PORT = 9101;
const GATEWAY = 'gateway';

export interface Plan {
  /** In stop order, stage by stage: apps that take requests go first. */
  readonly stages: readonly (readonly AppSpec[])[];
  /** The instance that serves shoppers. */
  readonly gateway: string;
  /** Remarks about ports. */
  readonly remarks: readonly string[];
}

/** An app's preferred port for its users; undefined if it has none. `PORT` sets that of the gateway. */
export function wantedPort(app: AppName): number | undefined {
  const { port, stage } = APPS[app];
  if (stage !== 'edge') return port;
  const wanted = Number(process.env['PORT'] || port);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 65_535) {
    throw new Error(`PORT takes a number from 1 to 65535, not '${process.env['PORT']}'`);
  }
  return wanted;
}

/** The environment of all apps, and the further one of the gateway. */
export interface Environments {
  readonly shared: Readonly<Record<string, string>>;
  readonly gateway: Readonly<Record<string, string>>;
}

export async function plan(
  options: StartOptions, env: Environments, databaseUrlOf: (app?: string) => string,
): Promise<Plan> {
  const remarks: string[] = [];
  let nextOpsPort = FIRST_OPS_PORT;
  const specOf = async (instance: string, entry: string, app: AppName | undefined): Promise<AppSpec> => {
    const served = app ?? GATEWAY;
    const wanted = wantedPort(served);
    const listen = wanted === undefined ? {} : { PORT: await reserve(wanted, remarks) };
    const opsPort = await reserve(nextOpsPort, remarks);
    nextOpsPort = opsPort + 1;
    return {
      instance, args: async () => (await bundled()).argsOf(entry), ports: { ...listen, OPS_PORT: opsPort },
      env: {
        STRATEGIES_FOLDER: strategiesFolder(), ...env.shared, ...(served === GATEWAY ? env.gateway : {}),
        INSTANCE: instance, DATABASE_URL: databaseUrlOf(app),
      },
    };
  };
  if (options.oneProcess) {
    return { stages: [[await specOf('aisle', 'tools/workspace/src/monolith/main.ts', undefined)]], gateway: 'aisle', remarks };
  }
  const stages: AppSpec[][] = [];
  for (const stage of STAGES) {
    const specs: AppSpec[] = [];
    for (const app of APP_NAMES.filter((name) => APPS[name].stage === stage)) {
      for (const instance of instancesOf(app, options)) specs.push(await specOf(instance, `apps/${app}/src/main.ts`, app));
    }
    stages.push(specs);
  }
  return { stages, gateway: GATEWAY, remarks };
}

/** Every process of `npm start`, by the name of its instance. */
export function instancesOf(app: AppName, { basketServers }: Pick<StartOptions, 'basketServers'>): string[] {
  const { instances } = APPS[app];
  if (instances === undefined) return [app];
  const count = app === 'basket-server' ? basketServers : instances;
  return Array.from({ length: count }, (_, at) => `${app}-${at + 1}`);
}

/** The first free port from `from`. Adds a remark if that is another one. */
export async function reserve(from: number, remarks: string[]): Promise<number> {
  const port = await reservePort(from);
  if (port !== from) remarks.push(`port ${from} is taken, using ${port}`);
  return port;
}
