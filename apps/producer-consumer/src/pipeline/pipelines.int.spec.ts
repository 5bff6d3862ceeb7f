import { PipelineSettings, type Pipeline } from '@aisle/contracts';
import { eventually } from '@aisle/std/testing';
import { PIPELINES_MAX, type GroupProcess } from '../testing/group.ts';
import { twoProcesses } from '../testing/two-processes.ts';
import type { Pipelines } from './pipelines.ts';

describe('Pipelines', () => {
  const processes = twoProcesses();
  let one: GroupProcess;
  let other: GroupProcess;
  let names = 0;
  const some = (): string => `pipeline${(names += 1)}`;

  beforeEach(() => void ({ one, other } = processes()));

  it('are created with their settings, and keep settings that a change leaves out', async () => {
    const name = some();

    const made = await one.pipelines.configure(of(name), { consumerCount: 3 }, next());
    const again = await one.pipelines.configure(of(name), { rate: 10 }, next());

    expect([made.created, again.created]).toEqual([true, false]);
    expect(made.pipeline).toMatchObject({
      name, producerCount: 1, consumerCount: 3, rate: 1_000, demand: 100, faults: [], running: false,
      metrics: { since: null, produced: 0, latencyMs: { p50: null } },
    });
    expect(again.pipeline).toMatchObject({ consumerCount: 3, rate: 10 });
    await expect(one.pipelines.start(of(some()), next())).rejects.toMatchObject({ kind: 'missing', code: 'pipeline.missing' });
  });

  it('run from start to stop without losing an event', async () => {
    const name = await made(one.pipelines, { producerCount: 2 });

    const started = await one.pipelines.start(of(name), next());
    await until(one.pipelines, name, ({ metrics }) => metrics.acknowledged > 100);
    await one.pipelines.stop(of(name), next());
    const stopped = await until(one.pipelines, name, ({ metrics }) => metrics.parked + metrics.queued + metrics.inFlight === 0);

    expect(started).toMatchObject({ running: true, metrics: { since: expect.any(String) } });
    expect(stopped).toMatchObject({
      running: false, metrics: { parked: 0, queued: 0, inFlight: 0, deadLettered: 0, latencyMs: { p99: expect.any(Number) } },
    });
    expect(stopped.metrics.produced).toBe(stopped.metrics.acknowledged);
    expect(await one.pipelines.stop(of(name), next())).toMatchObject({ running: false });
    expect(await one.pipelines.start(of(name), next())).toMatchObject({ running: true });
    expect(await one.pipelines.start(of(name), next())).toMatchObject({ running: true });
  });

  it('apply a command once, even if others come between its repetitions', async () => {
    const name = await made(one.pipelines, {});
    await one.pipelines.start(of(name), 'start');
    await one.pipelines.configure(of(name), settings({ rate: 10 }), 'ten');
    await one.pipelines.configure(of(name), settings({ rate: 20 }), 'twenty');
    await one.pipelines.stop(of(name), 'stop');

    await one.pipelines.start(of(name), 'start');
    await one.pipelines.configure(of(name), settings({ rate: 10 }), 'ten');

    expect(await one.pipelines.read(of(name))).toMatchObject({ rate: 20, running: false });
  });

  it('are changed while they run', async () => {
    const name = await made(one.pipelines, { rate: 1 });
    await one.pipelines.start(of(name), next());

    await one.pipelines.configure(of(name), settings({ producerCount: 3, consumerCount: 4, rate: 5_000, demand: 50 }), next());

    await until(one.pipelines, name, ({ metrics }) => metrics.acknowledged > 2_000);
    const ids = one.system.observe().map((node) => JSON.stringify(node)).join();
    expect(ids).toContain('"producer 2"');
    expect(ids).toContain('"processor 3"');
    expect(ids).not.toContain('"processor 4"');
  });

  it('lose no event under their configured faults', async () => {
    const name = await made(one.pipelines, { rate: 5_000 });
    await one.pipelines.start(of(name), next());

    await one.pipelines.configure(of(name), settings({
      rate: 5_000,
      faults: [
        { kind: 'crash', at: 'consumer', probability: 0.05, seed: 1 },
        { kind: 'crash', at: 'producer', probability: 0.01, seed: 2 },
        { kind: 'duplicate', at: 'consumer', probability: 0.05, seed: 3 },
        { kind: 'stall', at: 'consumer', probability: 0.01, seed: 4, ms: 100 },
      ],
    }), next());
    await until(one.pipelines, name, ({ metrics: { restarts, acknowledged } }) => restarts > 10 && acknowledged > 2_000);
    await one.pipelines.configure(of(name), settings({ rate: 5_000 }), next());
    await one.pipelines.stop(of(name), next());
    const { metrics } = await until(one.pipelines, name, ({ metrics: { parked, queued, inFlight } }) => parked + queued + inFlight === 0);

    expect(metrics.failures).toBeGreaterThan(10);
    expect(metrics.faultsInjected).toBeGreaterThanOrEqual(metrics.failures);
    expect(metrics.produced).toBe(metrics.acknowledged + metrics.deadLettered);
  });

  it('keep events that they give up, and redrive them on request', async () => {
    const name = await made(one.pipelines, { rate: 100 });
    await one.pipelines.start(of(name), next());
    const crashes = [{ kind: 'crash', at: 'consumer', probability: 1, seed: 1 }] as const;
    await one.pipelines.configure(of(name), settings({ rate: 100, faults: [...crashes] }), next());
    await until(one.pipelines, name, ({ metrics }) => metrics.deadLettered > 0);
    await one.pipelines.configure(of(name), settings({ rate: 0 }), next());
    const quiet = await until(one.pipelines, name, ({ metrics: { parked, queued, inFlight } }) => parked + queued + inFlight === 0);

    const letters = await one.pipelines.letters(of(name));
    expect(letters).toHaveLength(quiet.metrics.deadLettered);
    expect(letters[0]).toMatchObject({ attempts: 5, redriven: false });
    expect(await one.pipelines.letterGroups('t')).toContainEqual(expect.objectContaining({ name, count: letters.length }));
    expect(await one.pipelines.discard(of(name), [letters[0]?.id ?? 0])).toBe(1);
    await one.pipelines.configure(of(name), settings({ rate: 100 }), next());
    expect(await one.pipelines.redrive(of(name))).toBe(letters.length - 1);

    await eventually(async () => expect(await one.pipelines.letters(of(name))).toEqual([]));
    expect(await one.pipelines.redrive(of(name))).toBe(0);
    await one.pipelines.stop(of(name), next());
  });

  it('are listed page by page, with their settings', async () => {
    const names = ['list a', 'list B', 'list é'];
    for (const name of names) await one.pipelines.configure({ tenant: 'lists', name }, { rate: 7 }, next());

    const first = await other.pipelines.list('lists', { limit: 2 });
    const second = await other.pipelines.list('lists', { limit: 2, cursor: String(first.next) });

    expect([...first.items, ...second.items]).toEqual(['list B', 'list a', 'list é'].map((name) => ({
      name, producerCount: 1, consumerCount: 8, rate: 7, demand: 100, faults: [], running: false,
    })));
    expect([first.next, second.next]).toEqual(['list a', null]);
  });

  it('are deleted once they are stopped, and a repetition of the command gets the same answer', async () => {
    const name = await made(one.pipelines, {});
    await one.pipelines.start(of(name), next());

    await expect(one.pipelines.remove(of(name), 'remove')).rejects.toMatchObject({ kind: 'conflict', code: 'pipeline.running' });
    await one.pipelines.stop(of(name), next());
    await eventually(() => one.pipelines.remove(of(name), 'remove'));

    await expect(one.pipelines.read(of(name))).rejects.toMatchObject({ code: 'pipeline.missing' });
    await one.pipelines.remove(of(name), 'remove');
    await expect(one.pipelines.remove(of(name), 'another')).rejects.toMatchObject({ code: 'pipeline.missing' });
    expect(await other.pipelines.configure(of(name), { rate: 1 }, next())).toMatchObject({ created: true });
  });

  it('are watched sample by sample', async () => {
    const name = await made(one.pipelines, {});
    await one.pipelines.start(of(name), next());

    const [first] = (await one.pipelines.watch(of(name), undefined)).samples;
    await eventually(async () => (await one.pipelines.watch(of(name), first?.id)).samples.length >= 2);
    const { samples, missed } = await one.pipelines.watch(of(name), first?.id);

    expect(missed).toBe(false);
    expect(samples.filter(({ id }) => id <= (first?.id ?? 0))).toEqual([]);
    expect(samples.at(-1)).toMatchObject({ pipeline: { name, running: true } });
    expect(await one.pipelines.watch(of(name), 1)).toMatchObject({ missed: true });
  });

  it('are not created with settings that no process could run', async () => {
    const name = some();

    await expect(one.pipelines.configure(of(name), settings({ producerCount: 16, rate: 1_000_000 }), next())).rejects.toMatchObject({
      kind: 'rejected', code: 'pipeline.too_big', details: { what: 'eventsPerSecond', wanted: 16_000_000, max: PIPELINES_MAX.eventsPerSecond },
    });

    await expect(one.pipelines.read(of(name))).rejects.toMatchObject({ code: 'pipeline.missing' });
  });

  it('are checked by all of their settings, also when a change has only some', async () => {
    const name = await made(one.pipelines, { consumerCount: 1 });

    // It would be too much with the consumers of a new pipeline, but this pipeline has only one.
    await one.pipelines.configure(of(name), { producerCount: 2, demand: 10_000 }, next());
    await expect(one.pipelines.configure(of(name), { consumerCount: 6 }, next())).rejects.toMatchObject({
      code: 'pipeline.too_big', details: { what: 'eventsUnderWay', wanted: 120_000 },
    });
    expect(await one.pipelines.read(of(name))).toMatchObject({ producerCount: 2, consumerCount: 1, demand: 10_000 });
  });

  it('start while their process has capacity, and again once others have released some', async () => {
    const [first, second] = [await made(one.pipelines, HALF), await made(one.pipelines, { ...HALF, consumerCount: 60 })];
    await one.pipelines.start(of(first), next());

    const full = { kind: 'throttled', code: 'pipelines.full', details: { what: 'stages', wanted: 61, taken: 51, max: 100 } };
    await expect(one.pipelines.start(of(second), next())).rejects.toMatchObject(full);
    await expect(one.pipelines.configure(of(first), settings({ ...HALF, consumerCount: 100 - 1 - 35 }), next())).resolves.toBeDefined();
    expect(await one.pipelines.read(of(second))).toMatchObject({ running: false });
    await one.pipelines.stop(of(first), next());

    await eventually(() => one.pipelines.start(of(second), next()));
    expect(await one.pipelines.read(of(second))).toMatchObject({ running: true });
  });

  it('keep their settings if they run and a change exceeds the capacity', async () => {
    const [first, second] = [await made(one.pipelines, HALF), await made(one.pipelines, { consumerCount: 40 })];
    await one.pipelines.start(of(first), next());
    await one.pipelines.start(of(second), next());

    const wider = one.pipelines.configure(of(second), settings({ consumerCount: 49 }), next());

    await expect(wider).rejects.toMatchObject({ code: 'pipelines.full', details: { taken: 51, wanted: 50 } });
    expect(await one.pipelines.read(of(second))).toMatchObject({ consumerCount: 40, running: true });
    await one.pipelines.configure(of(second), settings({ consumerCount: 48 }), next());
    expect(await one.pipelines.read(of(second))).toMatchObject({ consumerCount: 48, running: true });
  });

  it('wait for capacity in the process that takes them up, and answer requests meanwhile', async () => {
    const [first, second] = [await made(one.pipelines, HALF), await made(other.pipelines, { ...HALF, consumerCount: 60 })];
    await one.pipelines.start(of(first), next());
    await other.pipelines.start(of(second), next());

    other.cutOff();

    expect(await eventually(() => one.pipelines.read(of(second)))).toMatchObject({ consumerCount: 60, running: false });
    await one.pipelines.stop(of(first), next());
    expect(await until(one.pipelines, second, ({ metrics }) => metrics.acknowledged > 0)).toMatchObject({ running: true });
  });

  it('can be stopped while they wait for capacity', async () => {
    const [first, second] = [await made(one.pipelines, HALF), await made(other.pipelines, { ...HALF, consumerCount: 60 })];
    await one.pipelines.start(of(first), next());
    await other.pipelines.start(of(second), next());
    other.cutOff();
    await eventually(() => one.pipelines.read(of(second)));

    await one.pipelines.stop(of(second), next());
    await one.pipelines.stop(of(first), next());
    one.server('pipeline', second)?.exit('kill');

    expect(await one.pipelines.read(of(second))).toMatchObject({ running: false });
    expect(await one.pipelines.start(of(second), next())).toMatchObject({ running: true });
  });

  it('are held by one process', async () => {
    const name = await made(one.pipelines, {});

    await expect(other.pipelines.start(of(name), next())).rejects.toMatchObject({
      code: 'registry.already_registered', holder: { incarnation: expect.stringMatching(/^one/) },
    });
  });

  it('continue with their settings after they are killed', async () => {
    const name = await made(one.pipelines, { consumerCount: 2 });
    await one.pipelines.start(of(name), next());
    const before = one.server('pipeline', name);

    before?.exit('kill');

    const after = await until(one.pipelines, name, ({ metrics }) => metrics.acknowledged > 0);
    expect(after).toMatchObject({ consumerCount: 2, running: true });
    expect(one.server('pipeline', name)).not.toBe(before);
  });

  it('are taken up by another process when theirs dies, if they are started', async () => {
    const name = await made(one.pipelines, { consumerCount: 2 });
    await one.pipelines.start(of(name), next());
    await other.pipelines.resume();
    expect(other.server('pipeline', name)).toBeUndefined();

    one.cutOff();

    await eventually(async () => {
      await other.pipelines.resume();
      return other.server('pipeline', name) !== undefined;
    });
    expect(await until(other.pipelines, name, ({ metrics }) => metrics.acknowledged > 0)).toMatchObject({
      consumerCount: 2, running: true,
    });
  });
});

/** A little more than half of the stages that a process may have. */
const HALF = { consumerCount: 50 };

function of(name: string): { tenant: string; name: string } {
  return { tenant: 't', name };
}

function settings(some: Partial<PipelineSettings>): PipelineSettings {
  return PipelineSettings.parse(some);
}

async function made(pipelines: Pipelines, some: Partial<PipelineSettings>): Promise<string> {
  const name = `made ${(count += 1)}`;
  await pipelines.configure(of(name), settings(some), next());
  return name;
}

let count = 0;

/** A new command id. */
function next(): string {
  return `command ${(count += 1)}`;
}

async function until(pipelines: Pipelines, name: string, isSo: (pipeline: Pipeline) => boolean): Promise<Pipeline> {
  let pipeline!: Pipeline;
  await eventually(async () => {
    pipeline = await pipelines.read(of(name));
    return isSo(pipeline);
  });
  return pipeline;
}
