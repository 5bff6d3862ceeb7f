import { MARKET_LIMITS } from '@aisle/contracts';
import { HttpRefusal } from '@aisle/platform';
import { Failure } from '@aisle/std';
import { NDJSON } from './ndjson.ts';

/** An import needs a body of lines. */
export class ImportBodyMissing extends Failure {
  readonly kind = 'invalid';
  readonly code = 'import.body_missing';
  constructor() {
    super(`the body must be ${NDJSON}: a product a line`);
  }
}

/** Each import holds its body in memory until it is dealt with. */
export class ImportsBusy extends Failure {
  readonly kind = 'throttled';
  readonly code = 'import.busy';
  constructor(importsMax: number) {
    super('other imports are under way here', { importsMax, retryAfterMs: 5_000 });
  }
}

/** The gateway stops in the middle of it. */
export class ImportEnded extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'import.ended';
  constructor() {
    super('this gateway stops; send the same body again under the same Idempotency-Key, and the import goes on');
  }
}

/** The body has too many bytes, or too many lines, blank ones included. */
export class ImportTooLarge extends HttpRefusal {
  constructor() {
    const { importBytes: bytesMax, importLines: linesMax } = MARKET_LIMITS;
    super(413, {
      code: 'import.too_large',
      message: `an import has at most ${bytesMax / 1_024 / 1_024} MiB and ${linesMax} lines; send the rest in another one`,
      details: { bytesMax, linesMax },
    });
  }
}

export class LineTooLong extends Failure {
  readonly kind = 'invalid';
  readonly code = 'import.line_too_long';
  constructor() {
    super('the line is longer than a product may be; lines end with LF or CRLF', { bytesMax: MARKET_LIMITS.importLineBytes });
  }
}

/** JSON in lines has no carriage return in it (the specification of NDJSON), so this may be several lines. */
export class LineEndUnclear extends Failure {
  readonly kind = 'invalid';
  readonly code = 'import.line_end';
  constructor() {
    super('the line has a carriage return (CR) in it; lines end with LF or CRLF');
  }
}
