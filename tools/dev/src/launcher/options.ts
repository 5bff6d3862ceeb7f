import { parseArgs } from 'node:util';

export interface StartOptions {
  readonly oneProcess: boolean;
  readonly basketServers: number;
}

export const help = `npm start                          gateway, basket-manager and two basket-servers
npm start -- --basket-servers N    with N basket-servers (1 to 16)
npm start -- --one-process         every app in one process, without Redis
npm start -- --help                this

From the environment:
  PORT             where the gateway listens, or the next free port (3000)
  LOG_LEVEL        debug, info, warn or error (info)
  REDIS_URL        a Redis that runs, instead of one of our own
  DATABASE_URL     a PostgreSQL that runs, as an administrator, instead of one of our own
  AISLE_DATA_DIR   the folder for data and logs (.aisle)`;

/** Reads the command line; throws an error that says what is wrong with it. */
export function parseOptions(args: readonly string[]): StartOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'one-process': { type: 'boolean', default: false },
      'basket-servers': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const count = values['basket-servers'];
  if (count !== undefined && values['one-process']) {
    throw new Error('--basket-servers and --one-process exclude each other');
  }
  const basketServers = Number(count ?? 2);
  if (!Number.isInteger(basketServers) || basketServers < 1 || basketServers > 16) {
    throw new Error(`--basket-servers takes a number from 1 to 16, not '${count}'`);
  }
  return { oneProcess: values['one-process'], basketServers };
}
