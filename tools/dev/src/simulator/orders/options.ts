import { parseArgs } from 'node:util';
import { numberIn } from '../number-in.ts';

export interface OrderSimulatorOptions {
  /** The URL of a running gateway. */
  readonly url: string;
  /** Orders per second. */
  readonly rate: number;
  readonly market: string;
  /** Infinity: until it is interrupted. */
  readonly durationMs: number;
  /** The same seed makes the same orders. */
  readonly seed: number;
}

export const help = `npm run simulate:orders -- [options]    send orders to a running system at a rate
  --url URL         the gateway (http://127.0.0.1:3000)
  --rate N          orders per second, 1 to 5000 (10)
  --market NAME     the market of the ordered products (m1)
  --duration S      seconds; until Ctrl-C by default
  --seed N          the seed of the orders (1)

Prints the number of orders per final status on exit. The exit status is 1 if any order reached none.`;

/** Reads the command line. Throws an error that explains a wrong argument. */
export function parseOptions(args: readonly string[]): OrderSimulatorOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:3000' },
      rate: { type: 'string', default: '10' },
      market: { type: 'string', default: 'm1' },
      duration: { type: 'string' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (!URL.canParse(values.url)) throw new Error(`--url takes a URL, not '${values.url}'`);
  return {
    url: values.url.replace(/\/$/, ''),
    rate: numberIn('rate', values.rate, 1, 5_000),
    market: values.market,
    durationMs: values.duration === undefined ? Infinity : 1_000 * numberIn('duration', values.duration, 1, 86_400),
    seed: numberIn('seed', values.seed, 0, 2 ** 32 - 1),
  };
}
