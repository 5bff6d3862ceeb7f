import { Failure } from '@aisle/std';

class BadIfMatch extends Failure {
  readonly kind = 'invalid';
  readonly code = 'precondition.malformed';
  constructor() {
    super('the If-Match header must be one ETag as a basket answers it, such as "7", or *');
  }
}

/** The version that `If-Match` (RFC 9110, section 13.1.1) asks for; undefined when any will do. */
export function ifMatchOf(header: string | undefined): number | undefined {
  if (header === undefined || header === '*') return undefined;
  const version = /^"(\d{1,15})"$/.exec(header)?.[1];
  if (version === undefined) throw new BadIfMatch();
  return Number(version);
}
