import { Passes } from './passes.ts';
import { VirtualRuntime } from './testing/index.ts';

const EVERY_MS = 1_000;

describe('Passes', () => {
  it('run one at a time, with the interval between the end of one and the start of the next', async () => {
    const { runtime, work } = made();
    work.start();

    await runtime.advance(EVERY_MS - 1);
    expect(work.began).toBe(0);
    await runtime.advance(1);
    await runtime.advance(10 * EVERY_MS);
    expect(work.began).toBe(1);
    work.end();
    await runtime.advance(EVERY_MS - 1);
    expect(work.began).toBe(1);
    await runtime.advance(1);

    expect(work.began).toBe(2);
  });

  it('continue after a failed pass', async () => {
    const { runtime, work, failures } = made();
    work.start();

    await runtime.advance(EVERY_MS);
    work.end(new Error('away'));
    await runtime.advance(EVERY_MS);

    expect([failures, work.began]).toEqual([[new Error('away')], 2]);
  });

  it('are shared by callers that ask for one while it runs', async () => {
    const { work } = made();

    const both = [work.pass(), work.pass()];
    work.end();
    await Promise.all(both);

    expect(work.began).toBe(1);
  });

  it('end with the running pass once stopped', async () => {
    const { runtime, work } = made();
    work.start();
    await runtime.advance(EVERY_MS);
    let hasStopped = false;

    const stopped = work.stop().then(() => (hasStopped = true));
    await runtime.advance(EVERY_MS);
    expect([hasStopped, work.isOver]).toEqual([false, true]);
    work.end();
    await stopped;
    work.start();
    await runtime.advance(10 * EVERY_MS);

    expect(work.began).toBe(1);
  });
});

/** A pass lasts until the test ends it. */
class Work extends Passes {
  began = 0;
  private settle: (error?: Error) => void = () => undefined;

  get isOver(): boolean {
    return this.isStopped;
  }

  end(error?: Error): void {
    this.settle(error);
  }

  protected run(): Promise<void> {
    this.began += 1;
    return new Promise((resolve, reject) => (this.settle = (error) => (error ? reject(error) : resolve())));
  }
}

function made() {
  const runtime = new VirtualRuntime();
  const failures: unknown[] = [];
  return { runtime, failures, work: new Work({ runtime, everyMs: EVERY_MS, onFailed: (error) => failures.push(error) }) };
}
