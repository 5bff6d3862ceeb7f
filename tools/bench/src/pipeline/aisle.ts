import { consumer, ended, finished, producer, producerConsumer } from '@aisle/pipeline';
import type { Faults, ProducerProtocol } from '@aisle/pipeline';
import { Supervisor, System, type ChildSpec } from '@aisle/supervision';
import { systemRuntime } from '@aisle/std';

/** The payload of a pipeline, and its stages. */
export type Work = 'integers' | 'maps' | 'relay';

/** One pipeline: a producer, perhaps a stage in between, and a number of consumers. */
export interface Shape {
  readonly work: Work;
  readonly consumers: number;
  readonly maxDemand: number;
  readonly events: number;
  readonly faults?: Faults;
  /** The consumer's handler of a batch; by default it counts. */
  readonly handle?: (events: readonly unknown[]) => Promise<void> | void;
}

/** Runs a pipeline from its start until every event is acknowledged. Returns the number of counted events. */
export async function runPipeline(shape: Shape): Promise<number> {
  const { work, consumers, maxDemand, events } = shape;
  const system = new System(systemRuntime, { hooks: {} });
  let produced = 0;
  let counted = 0;
  const handleDemand = (demand: number): unknown[] | typeof ended => {
    const size = Math.min(demand, events - produced);
    if (size === 0) return ended;
    const from = produced;
    produced += size;
    return work === 'maps' ? maps(from, size) : integers(from, size);
  };
  const count = (batch: readonly unknown[]): void => {
    for (const event of batch) if (event !== undefined) counted += 1;
  };
  const handleEvents = shape.handle ?? count;
  const faults = shape.faults && { faults: shape.faults };
  const subscribed = (to: string): { to: ReturnType<System['address']>; maxDemand: number }[] => [
    { to: system.address(`bench/${to}`), maxDemand },
  ];
  const between = producerConsumer<unknown, unknown>(
    () => ({ handleEvents: (batch) => batch.map((event) => event) }),
    { id: 'relay', subscribeTo: subscribed('source'), ...faults },
  );
  const children: ChildSpec[] = [
    producer(() => ({ handleDemand }), { id: 'source' }),
    ...(work === 'relay' ? [between] : []),
    ...Array.from({ length: consumers }, (_, index) =>
      consumer(() => ({ handleEvents }), {
        id: `sink ${index}`,
        subscribeTo: subscribed(work === 'relay' ? 'relay' : 'source'),
        ...faults,
      }),
    ),
  ];
  const tree = { strategy: 'rest_for_one' as const, maxRestarts: Infinity, children };
  const root = await system.start(Supervisor.childSpec(tree, { id: 'bench' }));
  await finished(system.address<ProducerProtocol>('bench/source'));
  await root.stop();
  return counted;
}

// Arrays of a known length, as a producer with a tuned loop makes them. One that grows by `push` costs more than its
// whole way through the pipeline.
function integers(from: number, size: number): number[] {
  const batch = new Array<number>(size);
  for (let at = 0; at < size; at += 1) batch[at] = from + at;
  return batch;
}

function maps(from: number, size: number): { id: number; key: number }[] {
  const batch = new Array<{ id: number; key: number }>(size);
  for (let at = 0; at < size; at += 1) batch[at] = { id: from + at, key: (from + at) & 15 };
  return batch;
}
