import { Supervisor, type ChildSpec } from '@aisle/supervision';
import { VirtualSystem } from '@aisle/supervision/testing';
import { consumer, ended, from, MemorySource, Pipeline, producer, tumbling, type PipelineOptions } from '../index.ts';

interface Row {
  readonly id: number;
}

const ROWS = 100;
const BAD = 50;

/** Results of a key function that are not a key. */
const NO_KEYS: readonly unknown[] = [NaN, Infinity, -Infinity, undefined, null, true, 5n, {}, Symbol('key')];

describe('an event whose key, selector or route fails', () => {
  const bad = (error: unknown): unknown => {
    if (error instanceof Error) throw error;
    return error;
  };

  it.each([...NO_KEYS, new Error('no field')])('goes to the dead letters alone, by key %p of a pipeline', async (key) => {
    const world = new World();
    const partitionBy = ({ id }: Row): string => (id === BAD ? bad(key) : `k${id}`) as string;

    const how = await world.run({ partitionBy });

    expect(how).toBe('ended');
    expect(world.dead).toEqual([BAD]);
    expect(world.handled).toHaveLength(ROWS - 1);
    expect(world.source.acked).toHaveLength(ROWS);
  });

  it.each([...NO_KEYS, new Error('no field')])('goes to the dead letters alone, by key %p of a flow', async (key) => {
    const world = new World();
    const by = ({ id }: Row): string => (id === BAD ? bad(key) : `k${id}`) as string;
    const flow = from(world.source.open).partition({ by, stages: 3 }).map((row) => row)
      .partition({ by, stages: 2 }).into(world.handle, { retry: world.retry });

    const how = await world.until(flow);

    expect(how).toBe('ended');
    expect([...new Set(world.dead)]).toEqual([BAD]);
    expect(world.handled).toHaveLength(ROWS - 1);
  });

  it.each<[string, Partial<PipelineOptions<Row>>]>([
    ['names no batcher', { route: ({ id }) => (id === BAD ? 'nowhere' : 'all') }],
    ['has a route that throws', { route: ({ id }) => (id === BAD ? fail() : 'all') }],
  ])('goes to the dead letters alone if it %s', async (_what, options) => {
    const world = new World();
    const batchers = { all: { size: 10, withinMs: 5, handle: world.handle } };

    const how = await world.run({ process: (rows: readonly Row[]) => rows, batchers, ...options } as Partial<PipelineOptions<Row>>);

    expect(how).toBe('ended');
    expect(world.dead).toEqual([BAD]);
    expect(new Set(world.handled).size).toBe(ROWS - 1);
  });

  it('goes to the dead letters alone if the key of a batcher fails', async () => {
    const world = new World();
    const partitionBy = ({ id }: Row): number => (id === BAD ? NaN : id);
    const batchers = { all: { size: 10, withinMs: 5, concurrency: 2, partitionBy, handle: world.handle } };

    await world.run({ process: (rows: readonly Row[]) => rows, batchers } as Partial<PipelineOptions<Row>>);

    expect(world.dead).toEqual([BAD]);
    expect(new Set(world.handled).size).toBe(ROWS - 1);
  });

  it('goes to the dead letters if the key of its window fails', async () => {
    const world = new World();
    const flow = from(world.source.open).window(tumbling(10)).reduce(() => [] as Row[], (heap, row) => [...heap, row])
      .partition({ by: (heap) => (heap.some(({ id }) => id === BAD) ? NaN : heap.length), stages: 2 })
      .into((heaps) => world.handle(heaps.flat()), { retry: { ...world.retry, deadLetter: (heap) => world.bury((heap as Row[])[0] as Row) } });

    const how = await world.until(flow);

    expect(how).toBe('ended');
    expect(world.handled).toHaveLength(ROWS - 10);
    expect(world.dead).toEqual([BAD]);
  });

  it('is tried for ever without dead letters, is reported once, and holds up no other event', async () => {
    const world = new World();
    const partitionBy = ({ id }: Row): number => (id === BAD ? NaN : id);

    const how = world.run({ partitionBy, retry: {} });
    await world.system.advance(60_000);

    expect(world.handled).toHaveLength(ROWS - 1);
    expect(world.pipeline?.stats()).toMatchObject({ parked: 1, deadLettered: 0 });
    expect(world.pipeline?.stats().failures).toBeGreaterThan(3);
    expect(world.reported).toEqual(['the key of an event is NaN; a key is a text or a finite number']);
    const ended = expect(how).rejects.toMatchObject({ code: 'pipeline.ended' });
    world.root?.exit('kill');
    await world.system.advance(60_000);
    await ended;
  });

  it('goes on when its key succeeds later', async () => {
    const world = new World();
    let tries = 0;
    const partitionBy = ({ id }: Row): number => (id === BAD && (tries += 1) < 5 ? fail() : id);

    const how = await world.run({ partitionBy, retry: {} });

    expect(how).toBe('ended');
    expect(world.handled).toHaveLength(ROWS);
  });

  it('keeps its place when processors are added and its producer is killed', async () => {
    const world = new World();
    let isKnown = false;
    const partitionBy = ({ id }: Row): number => (id !== BAD || isKnown ? id : NaN);
    const how = world.run({ partitionBy, retry: {} });
    await world.system.advance(1_000);

    await world.settling(world.pipeline?.configure({ processors: 5 }));
    world.system.address('root/pipeline/producers/producer 0').whereis()?.exit('kill');
    await world.system.advance(1_000);
    isKnown = true;
    await world.system.advance(60_000);

    expect(await how).toBe('ended');
    expect(world.handled).toHaveLength(ROWS);
  });

  it('is left out of a broadcast whose selector fails for it', async () => {
    const world = new World();
    const rows = Array.from({ length: ROWS }, (_, id) => ({ id }));
    const selector = ({ id }: Row): boolean => (id === BAD ? fail() : true);
    const spread = { kind: 'broadcast', subscribers: ['sink'] } as const;
    const children = [
      producer<Row>(() => ({ handleDemand: (demand) => (rows.length > 0 ? rows.splice(0, demand) : ended) }),
        { id: 'source', dispatcher: spread, retry: world.retry }),
      consumer<Row>(() => ({ handleEvents: world.handle }),
        { id: 'sink', subscribeTo: [{ to: world.system.address('root/source'), maxDemand: 50, selector }] }),
    ];

    await world.start(children);
    await world.system.advance(60_000);

    expect(world.handled).toHaveLength(ROWS - 1);
    expect(world.dead).toEqual([BAD]);
  });

  it('comes back if its dead letter is not taken, and is reported', async () => {
    const world = new World();
    let refusals = 0;
    const deadLetter = (row: Row): void => {
      if ((refusals += 1) <= 3) throw new Error('the letter box is full');
      world.bury(row);
    };
    const process = (rows: readonly Row[]): void => {
      if (rows.some(({ id }) => id === BAD)) throw new Error('bad row');
      world.handle(rows);
    };

    const how = await world.run({ process, retry: { ...world.retry, deadLetter } } as Partial<PipelineOptions<Row>>);

    expect(how).toBe('ended');
    expect(world.dead).toEqual([BAD]);
    expect(world.reported.filter((line) => line === 'the letter box is full')).toHaveLength(3);
    expect(new Set(world.handled).size).toBe(ROWS - 1);
  });
});

describe('a source that breaks', () => {
  it.each<[string, () => Iterable<Row> | AsyncIterable<Row>]>([
    ['generator', function* () {
      for (let id = 0; id < BAD; id += 1) yield { id };
      throw new Error('disk');
    }],
    ['async generator', async function* () {
      for (let id = 0; id < BAD; id += 1) yield { id };
      throw new Error('disk');
    }],
  ])('makes finished() of a flow over a %s reject, once all earlier events are handled', async (_kind, rows) => {
    const world = new World();
    const flow = from<Row>(rows()).into(world.handle);

    const how = world.until(flow).catch((failure: unknown) => failure);

    expect(await how).toMatchObject({ code: 'source.failed', details: { why: 'disk' } });
    expect(world.handled).toHaveLength(BAD);
    expect(world.reported).toContain('disk');
  });

  it('loses no event of an oversized batch', async () => {
    const world = new World();
    const rows = Array.from({ length: ROWS }, (_, id) => ({ id }));
    const fetch = (demand: number): Row[] | typeof ended => (rows.length > 0 ? rows.splice(0, demand + 5) : ended);

    const how = await world.run({ source: () => ({ fetch }) });

    expect(how).toBe('ended');
    expect(world.handled).toHaveLength(ROWS);
  });
});

class World {
  readonly system = new VirtualSystem();
  readonly source = new MemorySource<Row>(Array.from({ length: ROWS }, (_, id) => ({ id })));
  readonly handled: number[] = [];
  readonly dead: number[] = [];
  root: Awaited<ReturnType<VirtualSystem['start']>> | undefined = undefined;
  pipeline: Pipeline<Row> | undefined = undefined;

  constructor() {
    this.source.close();
  }

  get retry() {
    return { attemptsMax: 3, backoffMs: 1, deadLetter: (event: unknown) => this.bury(event as Row) };
  }

  /** Reports of the system, of each kind at most two. */
  get reported(): string[] {
    const { crashes, errors } = this.system;
    const all = [...crashes.map(({ reason }) => (reason as { error: unknown }).error), ...errors.map(({ error }) => error)];
    return all.map((error) => (error as Error).message);
  }

  readonly handle = (rows: readonly Row[]): void => void this.handled.push(...rows.map(({ id }) => id));

  bury({ id }: Row): void {
    this.dead.push(id);
  }

  run(options: Partial<PipelineOptions<Row>>): Promise<unknown> {
    const { source, retry, handle } = this;
    const all = { source: source.open, processors: 3, process: handle, retry, ...options };
    this.pipeline = new Pipeline<Row>(this.system.runtime, all as PipelineOptions<Row>);
    return this.until(this.pipeline);
  }

  async until(events: { childSpec(): ChildSpec; finished(): Promise<unknown> }): Promise<unknown> {
    await this.start([events.childSpec()]);
    return this.settling(events.finished());
  }

  async start(children: ChildSpec[]): Promise<void> {
    this.root = await this.system.start(Supervisor.childSpec({ strategy: 'one_for_one', maxRestarts: Infinity, children }, { id: 'root' }));
  }

  /** Lets time pass until a promise settles. If it does not settle, the test goes on without it. */
  async settling<T>(promise: Promise<T> | undefined): Promise<T | undefined> {
    const settled = { is: false };
    const done = (): void => void (settled.is = true);
    promise?.then(done, done);
    for (let rounds = 0; !settled.is && rounds < 100; rounds += 1) await this.system.advance(100);
    return promise;
  }
}

function fail(): never {
  throw new Error('it fails');
}
