import { Identifier } from '@aisle/contracts';
import type { AppContext } from '@aisle/platform';
import { z } from 'zod';
import type { EveryPipeline } from './every-pipeline.ts';
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
  ids: z.array(z.int().min(1)).max(10_000).optional().meta({ description: 'all of them when left out' }),
});

/**
 * The dead letters of pipelines on the ops port: `pipeline-letters` lists those of one, `pipeline-letters/groups` counts those of
 * each; `pipeline-letters/redrive` and `pipeline-letters/discard` are of one pipeline, wherever it runs.
 */
export function showLetters(
  { view, operation }: Pick<AppContext<unknown>, 'view' | 'operation'>, { here, everywhere }: { here: Pipelines; everywhere: EveryPipeline },
): void {
  view('pipeline-letters', async ({ pipeline: name, after, limit, ...of }) => ({
    items: await here.letters({ ...of, name }, limit, after),
  }), Page);
  view('pipeline-letters/groups', async ({ tenant: of }) => ({ items: await here.letterGroups(of) }), Groups);
  operation('pipeline-letters/redrive', Chosen, ({ pipeline: name, ids, ...of }) => everywhere.redrive({ ...of, name }, { ids }));
  operation('pipeline-letters/discard', Chosen, async ({ pipeline: name, ids, ...of }) => ({
    discarded: await here.discard({ ...of, name }, ids),
  }));
}
