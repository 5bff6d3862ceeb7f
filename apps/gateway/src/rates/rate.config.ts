import { KEY_LIMITS } from '@aisle/contracts';
import { z } from 'zod';

/** The settings of the limit of requests. Same on every gateway. */
export const RateConfig = z.object({
  /**
   * The units that a key without a limit of its own, or a user, may use a second, over all gateways. A request is one unit, a batch as
   * many as it has operations, and an import as many as it has lines. 0 sets no limit.
   */
  RATE_LIMIT: z.coerce.number().int().min(0).max(KEY_LIMITS.rate).default(10_000),
  /** The seconds over which units are counted. A key may use the units of a whole window at once. */
  RATE_WINDOW_S: z.coerce.number().int().min(1).max(3_600).default(10),
});
