import type { DenialKind } from '@aisle/contracts';
import { failures } from '@aisle/std';

/** Failures of denials as resources. */
export const DenialFailure = failures('denial', {
  missing: ['missing', 'there is no such denial', (kind: DenialKind, id: string) => ({ kind, id })],
  tooMany: ['rejected', 'there are as many denials as a system can have; delete one first', (denialsMax: number) => ({ denialsMax })],
  alreadyExpired: ['rejected', 'expiresAt must be in the future'],
  cursorInvalid: ['invalid', 'the cursor must be the `next` of the previous page'],
});
