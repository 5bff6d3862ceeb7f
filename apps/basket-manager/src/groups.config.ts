import { SHARDS, type ShardGroup } from '@aisle/contracts';
import { z } from 'zod';

/** The settings that the app and its migration share. */
export const ServedGroups = z.object({
  /** The shard groups that this manager serves, separated by commas. It is ready once a process hosts each of them. */
  SHARD_GROUPS: z
    .string()
    .default(Object.keys(SHARDS).join())
    .transform((names) => names.split(','))
    .pipe(z.array(z.enum(Object.keys(SHARDS) as ShardGroup[])).min(1)),
});
