import { Supervisor, type ChildSpec, type Ref } from '@aisle/supervision';
import { VirtualSystem } from '@aisle/supervision/testing';
import { consumer, drain, ended, finished, producer, producerConsumer, terminator } from './index.ts';
import type {
  Consumer, OutletCounts, Producer, ProducerOptions, ProducerProtocol, SubscribeOptions,
} from './index.ts';

describe('a pipeline', () => {
  let system: VirtualSystem;

  beforeEach(() => {
    system = new VirtualSystem();
  });

  it('carries events from a producer through a stage to a consumer', async () => {
    const got: string[] = [];
    await start([
      source(upTo(5)),
      producerConsumer<number, string>(
        () => ({ handleEvents: (events) => events.flatMap((event) => ['a', 'b'].map((x) => x + event)) }),
        { id: 'letters', subscribeTo: [to('source')] },
      ),
      sink('sink', got, to('letters')),
    ]);

    await finished(address());

    expect(got).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'a4', 'b4']);
  });

  it('asks a producer for at most the demand of its consumers', async () => {
    const asked: number[] = [];
    const handleDemand = (demand: number): number[] => {
      asked.push(demand);
      return Array.from({ length: demand }, (_, index) => index);
    };
    const never = (): Promise<void> => new Promise(() => undefined);
    await start([
      source({ handleDemand }),
      consumer<number>(() => ({ handleEvents: never }), { id: 'sink', subscribeTo: [to('source', 10)] }),
    ]);

    await system.advance(60_000);

    expect(asked).toEqual([10]);
    expect(await counts()).toMatchObject({ produced: 10, inFlight: 10, demand: 0 });
  });

  it('asks again after `wake`, when a producer had nothing', async () => {
    const got: number[] = [];
    const ready: number[] = [];
    let wake = (): void => undefined;
    await start([
      producer<number>((ctx) => {
        wake = ctx.wake;
        return { handleDemand: (demand) => ready.splice(0, demand) };
      }, { id: 'source' }),
      sink('sink', got, to('source')),
    ]);
    await system.settle();

    ready.push(1, 2);
    wake();
    await system.settle();

    expect(got).toEqual([1, 2]);
  });

  it('crashes a producer that emits more than was demanded', async () => {
    await start([source({ handleDemand: () => [1, 2] }), sink('sink', [], to('source', 1))], 0);
    await system.settle();

    expect(system.crashes[0]?.reason).toEqual({ error: new RangeError('2 events for a demand of 1') });
  });

  it('gives every subscriber of a broadcast the events it selects', async () => {
    const [all, even]: [number[], number[]] = [[], []];
    const dispatcher = { kind: 'broadcast', subscribers: ['all', 'even'] } as const;
    await start([
      source(upTo(4), { dispatcher }),
      sink('all', all, to('source')),
      sink('even', even, { ...to('source'), selector: (event: number) => event % 2 === 0 }),
    ]);

    await finished(address());

    expect([all, even]).toEqual([[0, 1, 2, 3], [0, 2]]);
  });

  it('keeps a key in its partition', async () => {
    const sinks: number[][] = [[], []];
    const dispatcher = { kind: 'partition', partitions: 2, by: (event: number) => event } as const;
    await start([
      source(upTo(6), { dispatcher }),
      ...sinks.map((got, partition) => sink(`sink ${partition}`, got, { ...to('source'), partition })),
    ]);

    await finished(address());

    expect(sinks).toEqual([[0, 2, 4], [1, 3, 5]]);
  });

  it('gives a poisonous event to the dead letters after its attempts, and all others to the sink', async () => {
    const got: number[] = [];
    const dead: [number, number][] = [];
    const deadLetter = (event: number, attempts: number): void => void dead.push([event, attempts]);
    const handleEvents = (events: readonly number[]): void => {
      if (events.includes(3)) throw new Error('poison');
      got.push(...events);
    };
    await start([
      source(upTo(6), { retry: { attemptsMax: 4, backoffMs: 10, deadLetter } }),
      consumer<number>(() => ({ handleEvents }), { id: 'sink', subscribeTo: [to('source')] }),
    ]);
    const end = finished(address());
    await system.advance(1_000);
    await end;

    expect(dead).toEqual([[3, 4]]);
    expect([...got].sort()).toEqual([0, 1, 2, 4, 5]);
    expect(await counts()).toMatchObject({ produced: 6, acknowledged: 5, deadLettered: 1 });
  });

  it('retries an event that the dead letters refused', async () => {
    let refusals = 2;
    const deadLetter = async (): Promise<void> => {
      if ((refusals -= 1) >= 0) throw new Error('no room');
    };
    const handleEvents = (): void => {
      throw new Error('poison');
    };
    await start([
      source(upTo(1), { retry: { attemptsMax: 2, deadLetter } }),
      consumer<number>(() => ({ handleEvents }), { id: 'sink', subscribeTo: [to('source')] }),
    ]);

    await finished(address());

    expect(await counts()).toMatchObject({ produced: 1, deadLettered: 1 });
    expect(refusals).toBe(-1);
  });

  it.each([
    { cancel: 'permanent' as const, signal: 'shutdown' as const, lives: false },
    { cancel: 'transient' as const, signal: 'shutdown' as const, lives: true },
    { cancel: 'transient' as const, signal: 'kill' as const, lives: false },
    { cancel: 'temporary' as const, signal: 'kill' as const, lives: true },
  ])('a $cancel subscriber of a producer that ends by $signal lives: $lives', async (row) => {
    const above = await system.start(source(upTo(0)));
    const below = await system.start(sink('sink', [], { to: above, cancel: row.cancel }));
    await system.settle();

    await end(above, row.signal);
    await system.settle();

    expect(below.alive).toBe(row.lives);
  });

  it('runs dry before its tree ends, when a terminator is the last child', async () => {
    const got: number[] = [];
    let next = 0;
    const handleDemand = (demand: number): number[] => Array.from({ length: demand }, () => (next += 1));
    const slowly = async (events: readonly number[]): Promise<void> => {
      await new Promise<void>((resolve) => void system.virtual.timers.after(100, resolve));
      got.push(...events);
    };
    const root = await start([
      source({ handleDemand }),
      consumer<number>(() => ({ handleEvents: slowly }), { id: 'sink', subscribeTo: [to('source', 4)] }),
      terminator({ producers: [address()] }),
    ]);
    await system.advance(1_000);

    const stopped = root.stop();
    await system.advance(1_000);
    await stopped;

    expect(got).toHaveLength(next);
  });

  it('drains a producer that would go on for ever', async () => {
    const got: number[] = [];
    await start([source({ handleDemand: (demand) => [demand] }), sink('sink', got, to('source', 1))]);

    const drained = drain(address());
    await system.settle();
    await drained;

    const { produced, acknowledged } = await counts();
    expect(produced).toBe(acknowledged);
  });

  it('ends only after the events that a producer was making when it was killed', async () => {
    const got: number[] = [];
    let pulls = 0;
    const slowly = new Promise<number[]>((resolve) => void system.virtual.timers.after(100, () => resolve([1])));
    const handleDemand: Producer<number>['handleDemand'] = () => ((pulls += 1) === 1 ? slowly : ended);
    await start([source({ handleDemand }), sink('sink', got, to('source'))]);
    await system.settle();

    address().whereis()?.exit('kill');
    await system.settle();
    const gotAtItsEnd = finished(address()).then(() => [...got]);
    await system.advance(200);

    expect(await gotAtItsEnd).toEqual([1]);
  });

  async function start(children: ChildSpec[], maxRestarts = 100): Promise<Ref> {
    const tree = { strategy: 'rest_for_one' as const, maxRestarts, children };
    return system.start(Supervisor.childSpec(tree, { id: 'p' }));
  }

  function to(id: string, maxDemand = 100): Pick<SubscribeOptions<never>, 'to' | 'maxDemand'> {
    return { to: system.address(`p/${id}`), maxDemand };
  }

  function address(): ReturnType<typeof system.address<ProducerProtocol>> {
    return system.address<ProducerProtocol>('p/source');
  }

  async function counts(): Promise<OutletCounts> {
    return address().call('counts');
  }
});

async function end(ref: Ref, signal: 'shutdown' | 'kill'): Promise<void> {
  if (signal === 'kill') ref.exit('kill');
  else await ref.stop('shutdown');
}

function upTo(count: number): Producer<number> {
  let next = 0;
  return {
    handleDemand: (demand) => {
      const size = Math.min(demand, count - next);
      return size > 0 ? Array.from({ length: size }, () => next++) : ended;
    },
  };
}

function source(
  of: Producer<number>,
  options: Omit<ProducerOptions<number>, 'id'> = {},
): ChildSpec<unknown, ProducerProtocol> {
  return producer(() => of, { id: 'source', ...options });
}

function sink<E>(id: string, got: E[], subscription: SubscribeOptions<E>): ChildSpec {
  const into: Consumer<E> = { handleEvents: (events) => void got.push(...events) };
  return consumer(() => into, { id, subscribeTo: [subscription] });
}
