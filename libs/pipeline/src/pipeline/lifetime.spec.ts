import { Supervisor, genServer, ok, type Ref, type SupervisorFlags } from '@aisle/supervision';
import { VirtualSystem } from '@aisle/supervision/testing';
import { from, MemorySource, Pipeline } from '../index.ts';

const BETWEEN_MS = 60_000;

describe.each(['pipeline', 'flow'] as const)('a %s that is started again', (kind) => {
  it.each<[string, SupervisorFlags['strategy'], (shop: Shop) => unknown]>([
    ['a sibling before it crashed (rest_for_one)', 'rest_for_one', (shop) => shop.kill('shop/db')],
    ['a sibling crashed (one_for_all)', 'one_for_all', (shop) => shop.kill('shop/db')],
    ['it was terminated and restarted by member', 'one_for_one', (shop) => shop.restartByHand()],
    ['its supervisor was killed', 'one_for_one', (shop) => shop.kill('shop/events')],
    ['it gave up', 'one_for_one', (shop) => shop.giveUp()],
  ])('fetches again after %s', async (_how, strategy, end) => {
    const shop = await open(kind, strategy);
    shop.source.push(1, 2, 3);
    await shop.system.advance(1_000);
    const first = shop.pid;

    await end(shop);
    await shop.system.advance(BETWEEN_MS);
    shop.source.push(10, 11, 12);
    await shop.system.advance(BETWEEN_MS);

    expect(shop.pid).not.toBe(first);
    expect(shop.handled).toEqual(expect.arrayContaining([1, 2, 3, 10, 11, 12]));
    expect(shop.source.unacked).toBe(0);
  });

  it.each<[string, (shop: Shop) => unknown, unknown]>([
    ['its source ended', ({ source }) => source.close(), 'ended'],
    ['it was asked to end and ran dry', ({ root }) => void root.stop(), 'drained'],
    ['it was killed', (shop) => shop.kill('shop/events'), { code: 'pipeline.ended', reason: 'killed' }],
    ['its root was killed', ({ root }) => root.exit('kill'), { code: 'pipeline.ended', reason: 'killed' }],
    ['it gave up', (shop) => shop.giveUp(), { code: 'pipeline.ended', reason: 'shutdown' }],
    ['it was out of time', (shop) => shop.runOutOfTime(), { code: 'pipeline.ended', reason: 'shutdown' }],
  ])('reports by finished() that %s', async (_how, end, expected) => {
    const shop = await open(kind);
    shop.source.push(1);
    await shop.system.advance(1_000);
    const finished = shop.events.finished().catch((failure: unknown) => failure);

    await end(shop);
    await shop.system.advance(BETWEEN_MS);

    const how = await finished;
    if (typeof expected === 'string') expect(how).toBe(expected);
    else expect(how).toMatchObject(expected as object);
  });

  it('waits in a second finished() for the end of the next tree', async () => {
    const shop = await open(kind);
    const first = shop.events.finished().catch((failure: { code: string }) => failure.code);
    shop.kill('shop/events');
    await shop.system.advance(1_000);
    const second = shop.events.finished();

    shop.source.close();
    await shop.system.advance(1_000);

    expect([await first, await second]).toEqual(['pipeline.ended', 'ended']);
  });

  it('starts again after its root was killed with work in progress, and repeats that work', async () => {
    const shop = await open(kind);
    await shop.work(1);
    shop.root.exit('kill');
    shop.goOn();

    const again = shop.system.start(Supervisor.childSpec({ strategy: 'one_for_one', children: [shop.events.childSpec()] }));
    await shop.system.advance(BETWEEN_MS);
    await again;

    expect(shop.handled).toEqual([1]);
    expect(shop.source.acked).toEqual([1]);
  });

  it('is refused while it lives', async () => {
    const shop = await open(kind);

    const again = shop.system.start(shop.events.childSpec());

    await expect(again).rejects.toMatchObject({ code: 'child.already_started' });
    shop.source.push(1);
    await shop.system.advance(1_000);
    expect(shop.handled).toEqual([1]);
  });
});

type Shop = Awaited<ReturnType<typeof open>>;

async function open(kind: 'pipeline' | 'flow', strategy: SupervisorFlags['strategy'] = 'one_for_one') {
  const system = new VirtualSystem();
  const source = new MemorySource<number>();
  const handled: number[] = [];
  let isBroken = false;
  let isStuck = false;
  const handle = (events: readonly number[]): void | Promise<void> => {
    if (isBroken) throw new Error('broken');
    if (isStuck) return new Promise(() => undefined);
    handled.push(...events);
  };
  const options = { id: 'events', maxRestarts: 2, drainMs: 5_000, retry: { backoffMs: 1_000 } };
  const events = kind === 'pipeline'
    ? new Pipeline(system.runtime, { ...options, source: source.open, process: handle, backoff: { minMs: 1, maxMs: 1, jitter: 0 } })
    : from(source.open).into(handle, options);
  const children = [Db.childSpec(undefined, { id: 'db' }), events.childSpec()];
  const root: Ref = await system.start(Supervisor.childSpec({ strategy, maxRestarts: 1_000, children }, { id: 'shop' }));
  const whereis = (path: string): Ref => system.address(path).whereis() as Ref;
  return {
    system, source, handled, events, root,
    get pid(): number {
      return whereis('shop/events').pid;
    },
    kill: (path: string): void => whereis(path).exit('kill'),
    async restartByHand(): Promise<void> {
      const ended = Supervisor.terminateChild(root, 'events');
      await system.advance(1_000);
      await ended;
      await Supervisor.restartChild(root, 'events');
    },
    /** Its stages crash for as long as this tree lives. */
    async giveUp(): Promise<void> {
      const { pid } = whereis('shop/events');
      isBroken = true;
      source.push(4, 5, 6, 7, 8, 9);
      while (system.address('shop/events').whereis()?.pid === pid) {
        const stages = kind === 'pipeline' ? ['processors', 'producers'] : ['sink 0', 'source'];
        for (const stage of stages) system.address(`shop/events/${stage}`).whereis()?.exit('kill');
        await system.advance(1);
      }
      isBroken = false;
    },
    async work(event: number): Promise<void> {
      isStuck = true;
      source.push(event);
      await system.advance(1);
    },
    goOn: (): void => void (isStuck = false),
    async runOutOfTime(): Promise<void> {
      await this.work(4);
      void root.stop();
    },
  };
}

const Db = genServer<Record<never, never>, undefined>({ name: 'Db', init: () => ok(undefined) });
