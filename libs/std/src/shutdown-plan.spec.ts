import { ShutdownPlan, type ShutdownPhase } from './shutdown-plan.ts';
import { VirtualRuntime } from './testing/index.ts';

describe('ShutdownPlan', () => {
  it('runs phase after phase, and the parts of a phase concurrently, in any order of registration', async () => {
    const { plan, said, add } = planned();
    const reader = add('readers', 'consumer');
    add('journal', 'journal').resolve();
    add('readers', 'sweep').resolve();
    add('intake', 'server').resolve();

    const run = plan.run();
    await settled();
    expect(said).toEqual(['server', 'consumer', 'sweep']);
    reader.resolve();

    expect(await run).toEqual([]);
    expect(said).toEqual(['server', 'consumer', 'sweep', 'journal']);
    expect(plan.order).toEqual(['intake: server', 'readers: consumer, sweep', 'journal: journal']);
  });

  it('skips no part after one that throws, and reports each', async () => {
    const { plan, said, add } = planned();
    add('readers', 'consumer').reject(new Error('away'));
    add('journal', 'journal').resolve();
    plan.add({ phase: 'relays', name: 'relay', stop: () => { throw new Error('gone'); } });

    const faults = await plan.run();

    expect(said).toEqual(['consumer', 'journal']);
    expect(faults).toMatchObject([
      { part: 'consumer', error: { message: 'away' } }, { part: 'relay', error: { message: 'gone' } },
    ]);
  });

  it('waits for a hanging part up to its limit', async () => {
    const { plan, said, runtime, add } = planned();
    add('readers', 'consumer', 5_000);
    add('journal', 'journal').resolve();

    const run = plan.run();
    await runtime.advance(4_999);
    expect(said).toEqual(['consumer']);
    await runtime.advance(1);

    expect(await run).toMatchObject([{ part: 'consumer', error: { message: 'consumer did not stop within 5000 ms' } }]);
    expect(said).toEqual(['consumer', 'journal']);
    expect(runtime.pendingTimers).toBe(0);
  });

  it('runs once, however often it is called', async () => {
    const { plan, said, add } = planned();
    add('readers', 'consumer').resolve();

    await Promise.all([plan.run(), plan.run()]);

    expect(said).toEqual(['consumer']);
  });

  it('starts in the reverse order, and ends at a phase in which a part fails', async () => {
    const { plan } = planned();
    const said: string[] = [];
    plan.register('readers', 'consumer', { start: () => said.push('consumer'), stop: () => said.push('consumer stopped') });
    plan.register('journal', 'journal', { close: () => said.push('journal closed') });
    plan.register('handover', 'node', {
      async start() {
        await settled();
        said.push('node');
      },
      stop: () => said.push('node stopped'),
    });

    await plan.start();
    await plan.run();
    expect(said).toEqual(['node', 'consumer', 'consumer stopped', 'node stopped', 'journal closed']);

    plan.add({ phase: 'relays', name: 'relay', start: () => Promise.reject(new Error('away')), stop: () => undefined });
    said.length = 0;
    await expect(plan.start()).rejects.toThrow('away');
    expect(said).toEqual([]);
  });

  it('refuses a second part of the same name', () => {
    const { add } = planned();
    add('readers', 'consumer');

    expect(() => add('work', 'consumer')).toThrow('two parts of the shutdown have the name consumer');
  });
});

function planned() {
  const runtime = new VirtualRuntime();
  const plan = new ShutdownPlan(runtime);
  const said: string[] = [];
  return {
    runtime, plan, said,
    /** A part that stops when the test says so. */
    add(phase: ShutdownPhase, name: string, withinMs?: number) {
      let resolve!: () => void;
      let reject!: (error: Error) => void;
      const stopped = new Promise<void>((resolved, rejected) => ([resolve, reject] = [resolved, rejected]));
      stopped.catch(() => undefined);
      plan.add({
        phase, name, ...(withinMs !== undefined && { withinMs }),
        stop() {
          said.push(name);
          return stopped;
        },
      });
      return { resolve, reject };
    },
  };
}

function settled(): Promise<void> {
  return new VirtualRuntime().settle();
}
