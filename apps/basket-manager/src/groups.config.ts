import { SHARDS, type ShardGroup } from '@aisle/contracts';
import { z } from 'zod';

/** Read by the app and by its migration. */
export const ServedGroups = z.object({
  /** The groups that this manager serves, by their names; it is ready once each has a process that hosts it. */
  SHARD_GROUPS: z
    .string()
    .default(Object.keys(SHARDS).join())
    .transform((names) => names.split(','))
    .pipe(z.array(z.enum(Object.keys(SHARDS) as ShardGroup[])).min(1)),
});
