import { parseArgs } from 'node:util';

export interface StartOptions {
  readonly oneProcess: boolean;
  /** Whether requests need a key. */
  readonly secure: boolean;
  readonly basketServers: number;
  /** Shoppers from the start on; none by default. */
  readonly shoppers?: Shoppers;
}

/** The options of the simulator. */
export interface Shoppers {
  readonly count: number;
  readonly seed?: string;
  /** After this time everything stops. */
  readonly durationSeconds?: string;
}

export const help = `npm start                          start every app, with two basket-managers and two basket-servers
npm start -- --basket-servers N    start N basket-servers (1 to 16)
npm start -- --one-process         run every app in one process, without Redis
npm start -- --secure              ask for keys, and print the administrator's once
npm start -- --shoppers N          add N simulated shoppers, and print an invariant report at the end
             --seed N              the seed of their choices (1)
             --duration S          stop everything after S seconds; at Ctrl-C by default
npm start -- --help                print this help

Environment variables:
  PORT             the port of the gateway (3000); the next free one if it is taken
  LOG_LEVEL        debug, info, warn or error (info)
  WATCHDOG_MS      restart an app that hangs for this long (10000); 0 never does, for debuggers
  REDIS_URL        use this Redis instead of our own
  DATABASE_URL     use this PostgreSQL, as an administrator, instead of our own
  AISLE_DATA_DIR   the folder of data and logs (.aisle)`;

/** Reads the command line. Throws an error that explains a wrong argument. */
export function parseOptions(args: readonly string[]): StartOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'one-process': { type: 'boolean', default: false },
      secure: { type: 'boolean', default: false },
      'basket-servers': { type: 'string' },
      shoppers: { type: 'string' },
      seed: { type: 'string' },
      duration: { type: 'string' },
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
  const shoppers = shoppersOf(values);
  return { oneProcess: values['one-process'], secure: values.secure, basketServers, ...(shoppers ? { shoppers } : {}) };
}

function shoppersOf(values: { shoppers?: string; seed?: string; duration?: string }): Shoppers | undefined {
  const { shoppers, seed, duration } = values;
  if (shoppers === undefined) {
    if (seed ?? duration) throw new Error('--seed and --duration are for --shoppers');
    return undefined;
  }
  const count = Number(shoppers);
  if (!Number.isInteger(count) || count < 1 || count > 2_000) {
    throw new Error(`--shoppers takes a number from 1 to 2000, not '${shoppers}'`);
  }
  return {
    count,
    ...(seed === undefined ? {} : { seed: wholeNumber('seed', seed) }),
    ...(duration === undefined ? {} : { durationSeconds: wholeNumber('duration', duration) }),
  };
}

function wholeNumber(name: string, text: string): string {
  if (/^\d{1,9}$/.test(text)) return text;
  throw new Error(`--${name} takes a whole number, not '${text}'`);
}
