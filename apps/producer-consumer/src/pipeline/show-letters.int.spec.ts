import { createPool } from '@aisle/persistence';
import { OpsRoutes } from '@aisle/platform';
import { systemRuntime as runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { producerConsumerSchema } from '../schema.ts';
import { Group, type GroupProcess } from '../testing/group.ts';
import { GroupPipelines } from './group-pipelines.ts';
import { PipelineLetters } from './pipeline-letters.repository.ts';
import { showLetters } from './show-letters.ts';

describe('dead letters of pipelines on the ops port', () => {
  const routes = new OpsRoutes();
  const which = { tenant: 'default', name: 'p' };
  let group: Group;
  let one: GroupProcess;
  let letters: PipelineLetters;
  let pool: ReturnType<typeof createPool>;

  beforeAll(async () => {
    group = await Group.open();
    one = await group.process('one');
    pool = createPool({ url: group.database.appUrl, schema: producerConsumerSchema.schema, applicationName: 'test', poolMax: 1 });
    letters = new PipelineLetters(pool);
    const pipelines = new GroupPipelines(one.pipelines, { atHolder: (_key, _message, runHere) => runHere() }, runtime);
    showLetters(routes, { local: one.pipelines, group: pipelines });
    await one.pipelines.configure(which, { rate: 100 }, 'made');
    for (const event of [11, 12, 13]) await letters.bury(which, event, 5);
  });
  afterAll(async () => {
    await pool.end();
    await group.close();
  });

  it('are listed page by page, grouped, redriven and discarded', async () => {
    const first = await view('pipeline-letters', { pipeline: 'p', limit: '2' });
    const rest = await view('pipeline-letters', { pipeline: 'p', after: String(first.at(-1)?.['id']) });
    expect([...first, ...rest].map(({ event, redriven }) => [event, redriven])).toEqual([[11, false], [12, false], [13, false]]);
    expect(await view('pipeline-letters/groups')).toMatchObject([{ name: 'p', count: 3 }]);

    expect(await operate('pipeline-letters/discard', { pipeline: 'p', ids: [first[0]?.['id']] })).toEqual({ discarded: 1 });
    expect(await operate('pipeline-letters/redrive', { pipeline: 'p' })).toEqual({ redriven: 2 });
    await one.pipelines.start(which, 'started');

    await eventually(async () => expect(await view('pipeline-letters', { pipeline: 'p' })).toEqual([]));
    expect(await view('pipeline-letters/groups', { tenant: 'another' })).toEqual([]);
  });

  it.each<[object, string]>([
    [{}, 'input.invalid'], [{ pipeline: 'p', ids: ['1'] }, 'input.invalid'], [{ pipeline: 'none' }, 'pipeline.missing'],
  ])('are not redriven for %j', async (body, code) => {
    await expect(operate('pipeline-letters/redrive', body)).rejects.toMatchObject({ code });
  });

  async function view(name: string, query: object = {}): Promise<Record<string, unknown>[]> {
    return ((await routes.views.get(`/ops/${name}`)?.(query)) as { items: Record<string, unknown>[] }).items;
  }

  async function operate(name: string, body: object): Promise<unknown> {
    return routes.operations.get(`/ops/${name}`)?.(body);
  }
});
