import { Identifier } from '@aisle/contracts';
import { Failure, systemRuntime, uuidv7 } from '@aisle/std';

class BadIdempotencyKey extends Failure {
  readonly kind = 'invalid';
  readonly code = 'idempotency.key_invalid';
  constructor() {
    super('the Idempotency-Key header must be 1 to 128 printable characters');
  }
}

/** The caller's `Idempotency-Key`, or a new one: under it a command is applied at most once. */
export function commandIdOf(header: string | string[] | undefined): string {
  if (header === undefined) return uuidv7(systemRuntime);
  if (!Identifier.safeParse(header).success) throw new BadIdempotencyKey();
  return header as string;
}
