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

  it('is handled within the send by an idle server', async () => {
    const probe = await Probe.start(system);

    probe.ref.send('now', { atOnce: true });

    expect(probe.received).toEqual(['now']);
  });

  it('waits behind earlier messages', async () => {
    const probe = await Probe.start(system);
    probe.ref.send('first');

    probe.ref.send('second', { atOnce: true });
    const receivedWithin = [...probe.received];
    await system.settle();

    expect([receivedWithin, probe.received]).toEqual([[], ['first', 'second']]);
  });

  it('counts as a turn of its server, so the event loop turns as often', async () => {
    const [queued, within] = [await turnsUntilTheLoopTurns(false), await turnsUntilTheLoopTurns(true)];

    expect(within).toBeLessThanOrEqual(queued);
  });

  /** Two servers that send to each other without pause; one of them perhaps with `atOnce`. */
  async function turnsUntilTheLoopTurns(atOnce: boolean): Promise<number> {
    const fresh = new VirtualSystem();
    let turns = 0;
    let hasTurned = false;
    const Returning = genServer<{ info: Ref }, null>({
      name: 'Returning',
      init: () => ok(null),
      handleInfo: (_, other, ctx) => {
        turns += 1;
        // Otherwise they would go on beside other suites for ever.
        if (!hasTurned) (other as Ref).send(ctx.self, { atOnce: atOnce && ctx.self === one });
        return noReply(null);
      },
    });
    const one = await fresh.start(Returning.childSpec(undefined));
    one.send(await fresh.start(Returning.childSpec(undefined)));
    // The real loop drains all microtasks. Virtual time would hold back the work of the next turn.
    await new Promise<void>((resolve) => systemRuntime.defer(resolve));
    hasTurned = true;
    return turns;
  }
});
