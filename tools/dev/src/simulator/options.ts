import { parseArgs } from 'node:util';
import { numberIn } from './number-in.ts';

export interface SimulatorOptions {
  /** The URL of a running gateway. */
  readonly url: string;
  readonly shoppers: number;
  /** Infinity: until it is interrupted. */
  readonly durationMs: number;
  /** The same seed makes the same choices. Their order depends on the system. */
  readonly seed: number;
  /** The average pause of a shopper between two requests. */
  readonly thinkMs: number;
}

export const help = `npm run simulate -- [options]    run shoppers against a running system
  --url URL         the gateway (http://127.0.0.1:3000)
  --shoppers N      concurrent shoppers, 1 to 2000 (50)
  --duration S      seconds; until Ctrl-C by default
  --seed N          the seed of their choices (1)
  --think MS        average pause of a shopper between two requests (100)

Prints an invariant report on exit. The exit status is 1 if any invariant was violated.`;

/** Reads the command line. Throws an error that explains a wrong argument. */
export function parseOptions(args: readonly string[]): SimulatorOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:3000' },
      shoppers: { type: 'string', default: '50' },
      duration: { type: 'string' },
      seed: { type: 'string', default: '1' },
      think: { type: 'string', default: '100' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (!URL.canParse(values.url)) throw new Error(`--url takes a URL, not '${values.url}'`);
  return {
    url: values.url.replace(/\/$/, ''),
    shoppers: numberIn('shoppers', values.shoppers, 1, 2_000),
    durationMs: values.duration === undefined ? Infinity : 1_000 * numberIn('duration', values.duration, 1, 86_400),
    seed: numberIn('seed', values.seed, 0, 2 ** 32 - 1),
    thinkMs: numberIn('think', values.think, 0, 60_000),
  };
}
