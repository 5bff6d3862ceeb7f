import { systemRuntime } from '@aisle/std';
import type { Ref } from '../message/ref.ts';
import { genServer } from '../server/gen-server.ts';
import { Probe, VirtualSystem } from '../testing/index.ts';
import { noReply, ok } from './outcome.ts';

describe('a message sent at once', () => {
  let system: VirtualSystem;
  beforeEach(() => {
    system = new VirtualSystem();
  });

  it('is taken within the send by a server that is idle', async () => {
    const probe = await Probe.start(system);

    probe.ref.send('now', { atOnce: true });

    expect(probe.received).toEqual(['now']);
  });

  it('waits behind what was sent before it', async () => {
    const probe = await Probe.start(system);
    probe.ref.send('first');

    probe.ref.send('second', { atOnce: true });
    const receivedWithin = [...probe.received];
    await system.settle();

    expect([receivedWithin, probe.received]).toEqual([[], ['first', 'second']]);
  });

  it('counts as a turn of its server: the event loop turns as often', async () => {
    const [queued, within] = [await turnsUntilTheLoopTurns(false), await turnsUntilTheLoopTurns(true)];

    expect(within).toBeLessThanOrEqual(queued);
  });

  /** Of two servers that send to each other all the time, one of them perhaps at once. */
  async function turnsUntilTheLoopTurns(atOnce: boolean): Promise<number> {
    const fresh = new VirtualSystem();
    let turns = 0;
    let hasTurned = false;
    const Returning = genServer<{ info: Ref }, null>({
      name: 'Returning',
      init: () => ok(null),
      handleInfo: (_, other, ctx) => {
        turns += 1;
        // Later they would go on beside other suites for ever.
        if (!hasTurned) (other as Ref).send(ctx.self, { atOnce: atOnce && ctx.self === one });
        return noReply(null);
      },
    });
    const one = await fresh.start(Returning.childSpec(undefined));
    one.send(await fresh.start(Returning.childSpec(undefined)));
    // The real loop drains all microtasks, and virtual time holds back what waits for its next turn.
    await new Promise<void>((resolve) => systemRuntime.defer(resolve));
    hasTurned = true;
    return turns;
  }
});
