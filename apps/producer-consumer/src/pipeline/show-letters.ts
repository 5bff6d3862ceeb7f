import { Identifier } from '@aisle/contracts';
import type { AppContext } from '@aisle/platform';
import { z } from 'zod';
import type { GroupPipelines } from './group-pipelines.ts';
import type { Pipelines } from './pipelines.ts';

const tenant = z.string().min(1).default('default');
const Groups = z.strictObject({ tenant });
const Page = z.strictObject({
  tenant,
  pipeline: Identifier,
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
const Chosen = z.strictObject({
  tenant,
  pipeline: Identifier,
  ids: z.array(z.int().min(1)).max(10_000).optional().meta({ description: 'ids of dead letters; all unless given' }),
});

/**
 * Adds the dead letters of pipelines to the ops port. The views `pipeline-letters` and `pipeline-letters/groups` list those of one
 * pipeline and count those of each. The operations `pipeline-letters/redrive` and `pipeline-letters/discard` take one pipeline,
 * whichever process runs it.
 */
export function showLetters(
  { view, operation }: Pick<AppContext<unknown>, 'view' | 'operation'>, { local, group }: { local: Pipelines; group: GroupPipelines },
): void {
  view('pipeline-letters', async ({ pipeline: name, after, limit, ...of }) => ({
    items: await local.letters({ ...of, name }, limit, after),
  }), Page);
  view('pipeline-letters/groups', async ({ tenant: of }) => ({ items: await local.letterGroups(of) }), Groups);
  operation('pipeline-letters/redrive', Chosen, ({ pipeline: name, ids, ...of }) => group.redrive({ ...of, name }, { ids }));
  operation('pipeline-letters/discard', Chosen, async ({ pipeline: name, ids, ...of }) => ({
    discarded: await local.discard({ ...of, name }, ids),
  }));
}
