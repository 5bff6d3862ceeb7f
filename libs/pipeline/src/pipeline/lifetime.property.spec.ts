import { Supervisor, genServer, ok, type ChildSpec, type Ref } from '@aisle/supervision';
import { VirtualSystem } from '@aisle/supervision/testing';
import fc from 'fast-check';
import { consumer, from, MemorySource, Pipeline, producer, producerConsumer, terminator, tumbling } from '../index.ts';

// After any actions on a pipeline or flow, its parts and its siblings: every event that was acknowledged to the source
// was handled, and when the source ends, everything ends.

const EVENTS = 60;
const SETTLE_MS = 600_000;

const step = fc.oneof(
  fc.record({ do: fc.constant('kill' as const), which: fc.nat(30) }),
  fc.record({ do: fc.constant('kill tree' as const) }),
  fc.record({ do: fc.constant('kill sibling' as const) }),
  fc.record({ do: fc.constant('restart by member' as const) }),
  fc.record({ do: fc.constant('break' as const), batches: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constant('configure' as const), processors: fc.nat(4), producers: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('drain' as const) }),
);
const scenario = fc.record({
  kind: fc.constantFrom('pipeline' as const, 'batched' as const, 'flow' as const, 'windows' as const, 'stages' as const),
  strategy: fc.constantFrom('one_for_one' as const, 'rest_for_one' as const, 'one_for_all' as const),
  isKeyed: fc.boolean(),
  maxRestarts: fc.constantFrom(0, 2, Infinity),
  steps: fc.array(fc.record({ afterMs: fc.nat(40), step }), { maxLength: 8 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

describe('a pipeline or flow that is killed, restarted, broken and changed', () => {
  it('handles every event that it acknowledges, and all events in the end', async () => {
    await fc.assert(fc.asyncProperty(scenario, async (each) => {
      const world = new World(each);
      await world.start();

      for (const { afterMs, step: next } of each.steps) {
        await world.system.advance(afterMs);
        await world.act(next);
        expect(world.acknowledgedUnhandled).toEqual([]);
      }
      await world.end();

      expect(world.acknowledgedUnhandled).toEqual([]);
      expect([...new Set(world.source.acked)].sort(byNumber)).toEqual(ids());
      expect(await world.how).toBe(each.kind === 'stages' ? undefined : 'ended');
    }), { numRuns: 60 });
  });

  it('reports how it ended', async () => {
    await fc.assert(fc.asyncProperty(scenario, fc.boolean(), async (each, isKilled) => {
      fc.pre(each.kind !== 'stages');
      const world = new World(each);
      await world.start();
      for (const { afterMs, step: next } of each.steps) {
        await world.system.advance(afterMs);
        await world.act(next);
      }
      await world.system.advance(SETTLE_MS);
      const how = world.events.finished?.().catch((failure: { code: string }) => failure.code);

      const stopped = isKilled ? Promise.resolve(world.root.exit('kill')) : world.root.stop();
      await world.system.advance(SETTLE_MS);
      await stopped;

      expect(['pipeline.ended', 'drained']).toContain(await how);
    }), { numRuns: 30 });
  });
});

class World {
  readonly system = new VirtualSystem();
  readonly source = new MemorySource<number>();
  readonly events: { childSpec(): ChildSpec; finished?(): Promise<unknown>; drain?(): Promise<void> };
  root!: Ref;
  how: Promise<unknown> | undefined = undefined;
  private readonly handled = new Set<number>();
  private broken = 0;
  private pushed = 0;

  constructor(private readonly scenario: Scenario) {
    this.events = this.make();
  }

  get acknowledgedUnhandled(): number[] {
    return this.source.acked.filter((id) => !this.handled.has(id));
  }

  async start(): Promise<void> {
    const { strategy } = this.scenario;
    const children = [Sibling.childSpec(undefined, { id: 'sibling' }), this.events.childSpec()];
    this.root = await this.system.start(Supervisor.childSpec({ strategy, maxRestarts: Infinity, children }, { id: 'root' }));
  }

  async act(next: Step): Promise<void> {
    this.push(5);
    if (next.do === 'kill') this.killAny(next.which);
    else if (next.do === 'kill tree') this.system.address('root/events').whereis()?.exit('kill');
    else if (next.do === 'kill sibling') this.system.address('root/sibling').whereis()?.exit('kill');
    else if (next.do === 'restart by member') await this.restart();
    else if (next.do === 'break') this.broken = next.batches;
    else if (next.do === 'drain') void this.events.drain?.();
    else if (this.events instanceof Pipeline) void this.events.configure({ processors: next.processors, producers: next.producers });
  }

  /** Repairs all faults, and lets the source end. */
  async end(): Promise<void> {
    this.broken = 0;
    if (this.events instanceof Pipeline) void this.events.configure({ processors: 2 });
    this.push(EVENTS - this.pushed);
    await this.system.advance(SETTLE_MS);
    // A requested drain lasts until the next start.
    await this.restart();
    this.source.close();
    this.how = this.events.finished?.();
    await this.system.advance(SETTLE_MS);
  }

  private async restart(): Promise<void> {
    const ended = Supervisor.terminateChild(this.root, 'events');
    await this.system.advance(60_000);
    await ended;
    const started = Supervisor.restartChild(this.root, 'events').catch(() => undefined);
    await this.system.advance(1_000);
    await started;
  }

  private push(count: number): void {
    const more = Math.min(count, EVENTS - this.pushed);
    this.source.push(...Array.from({ length: more }, (_, index) => this.pushed + index));
    this.pushed += more;
  }

  private killAny(which: number): void {
    const all = [...this.system.processes].filter((ref) => ref !== this.root);
    all[which % all.length]?.exit('kill');
  }

  private readonly handle = (events: readonly number[]): void => {
    if ((this.broken -= 1) >= 0) throw new Error('broken');
    for (const event of events) this.handled.add(event);
  };

  private make(): World['events'] {
    const { kind, maxRestarts, isKeyed } = this.scenario;
    const { handle, source, system } = this;
    const retry = { backoffMs: 5, backoffMaxMs: 50 };
    const options = { id: 'events', maxRestarts, drainMs: 1_000, retry };
    const by = (id: number): number => id % 3;
    if (kind === 'flow') {
      const start = from(source.open).map((id) => id);
      return (isKeyed ? start.partition({ by, stages: 2 }) : start).into(handle, options);
    }
    if (kind === 'windows') {
      const heaps = from(source.open).window(tumbling({ ms: 20, eventsMax: 4 }));
      return heaps.reduce(() => [] as number[], (heap, id) => [...heap, id]).flatMap((heap) => heap).into(handle, options);
    }
    if (kind === 'stages') return { childSpec: () => this.stages(maxRestarts) };
    const keyed = isKeyed ? { partitionBy: by } : {};
    const shape = { ...options, ...keyed, source: source.open, processors: 2, maxDemand: 6, backoff: { minMs: 1, maxMs: 8, jitter: 0 } };
    if (kind === 'pipeline') return new Pipeline(system.runtime, { ...shape, process: handle });
    return new Pipeline<number>(system.runtime, {
      ...shape, process: (ids) => ids, batchers: { all: { size: 4, withinMs: 10, handle, retry } },
    });
  }

  /** The same pipeline, built from single stages. */
  private stages(maxRestarts: number): ChildSpec {
    const { source, handle, system } = this;
    const to = (id: string, maxDemand: number) => [{ to: system.address(`root/events/${id}`), maxDemand }];
    const children = [
      producer<number>((ctx) => {
        const opened = source.open({ ...ctx, index: 0, signal: new AbortController().signal });
        return {
          handleDemand: (demand) => opened.fetch(demand), handleAck: (ids) => void opened.ack?.(ids), close: () => opened.close?.(),
        };
      }, { id: 'source' }),
      producerConsumer<number, number>(() => ({ handleEvents: (ids) => ids }), { id: 'middle', subscribeTo: to('source', 8) }),
      consumer<number>(() => ({ handleEvents: handle }), { id: 'sink', subscribeTo: to('middle', 4) }),
      terminator({ producers: [system.address('root/events/source')], drainMs: 1_000 }),
    ];
    return Supervisor.childSpec({ strategy: 'rest_for_one', maxRestarts, children }, { id: 'events' });
  }
}

const Sibling = genServer<Record<never, never>, undefined>({ name: 'Sibling', init: () => ok(undefined) });

function ids(): number[] {
  return Array.from({ length: EVENTS }, (_, id) => id);
}

function byNumber(one: number, other: number): number {
  return one - other;
}
