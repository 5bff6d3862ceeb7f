import { MARKET_LIMITS } from '@aisle/contracts';
import { failures } from '@aisle/std';
import { NDJSON } from './ndjson.ts';

const { importBytes: bytesMax, importLines: linesMax, importLineBytes } = MARKET_LIMITS;

/** Failures of an import of products. */
export const ImportFailure = failures('import', {
  bodyMissing: ['invalid', `the body must be ${NDJSON}, one product per line`],
  /** Each import holds its body in memory until all of its lines are answered. */
  busy: ['throttled', 'too many imports are running in this gateway', (importsMax: number) => ({ importsMax, retryAfterMs: 5_000 })],
  /** The gateway stops during the import. */
  ended: ['unavailable', 'this gateway is stopping; send the same body again under the same Idempotency-Key to continue the import'],
  /** The body has too many bytes, or too many lines, blank ones included. */
  tooLarge: [
    'invalid', `an import has at most ${bytesMax / 1_024 / 1_024} MiB and ${linesMax} lines; send the rest in another one`,
    () => ({ bytesMax, linesMax }),
  ],
  lineTooLong: [
    'invalid', 'the line is longer than a product may be; lines end with LF or CRLF',
    () => ({ bytesMax: importLineBytes }),
  ],
  /** JSON in lines has no carriage return in it (the specification of NDJSON), so this may be several lines. */
  lineEnd: ['invalid', 'the line has a carriage return (CR) in it; lines end with LF or CRLF'],
});
