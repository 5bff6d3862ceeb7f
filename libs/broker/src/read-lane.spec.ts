import { VirtualRuntime } from '@aisle/std/testing';
import { ReadLane } from './read-lane.ts';

const DEADLINE_MS = 5_000;

describe('ReadLane', () => {
  let runtime: VirtualRuntime;
  let lane: ReadLane;
  /** The questions asked so far, in order, with the means to answer each. */
  let asked: { question: string; answer: (value: string) => void; fail: (error: Error) => void }[];

  beforeEach(() => {
    runtime = new VirtualRuntime();
    lane = new ReadLane({ runtime, atOnce: 2, waitingMax: 4 });
    asked = [];
  });

  it('asks a few at once, and the others in their order', async () => {
    const answers = ['a', 'b', 'c', 'd'].map((question) => read(question));
    expect(questions()).toEqual(['a', 'b']);

    asked[1]?.answer('B');
    await runtime.settle();
    expect(questions()).toEqual(['a', 'b', 'c']);
    asked[0]?.answer('A');
    await runtime.settle();
    asked[2]?.answer('C');
    asked[3]?.answer('D');

    expect(await Promise.all(answers)).toEqual(['A', 'B', 'C', 'D']);
  });

  it('goes on after a question that failed', async () => {
    const [failing, , waiting] = ['a', 'b', 'c'].map((question) => read(question));

    asked[0]?.fail(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    asked[2]?.answer('C');

    expect(await waiting).toBe('C');
  });

  it('asks once for several waiting callers, and again for a caller that comes later', async () => {
    const first = ['a', 'b', 'c', 'c'].map((question) => read(question));
    asked[0]?.answer('A');
    await runtime.settle();
    const late = read('c');
    asked[2]?.answer('C before');
    asked[1]?.answer('B');
    await runtime.settle();
    asked[3]?.answer('C after');

    expect(await Promise.all(first)).toEqual(['A', 'B', 'C before', 'C before']);
    expect(await late).toBe('C after');
    expect(questions()).toEqual(['a', 'b', 'c', 'c']);
  });

  it('fails all callers of a question that fails', async () => {
    const answers = ['a', 'b', 'c', 'c'].map((question) => read(question));
    asked[0]?.answer('A');
    await runtime.settle();
    asked[2]?.fail(new Error('away'));

    await expect(answers[2]).rejects.toThrow('away');
    await expect(answers[3]).rejects.toThrow('away');
  });

  it('refuses a caller without a turn shortly before its deadline, and not sooner', async () => {
    const answers = ['a', 'b', 'c'].map((question) => read(question));
    const patient = read('c', 2 * DEADLINE_MS);
    const outcomes: string[] = [];
    answers[2]?.catch(({ code }: { code: string }) => outcomes.push(code));

    await runtime.advance(DEADLINE_MS - 600);
    const early = [...outcomes];
    await runtime.advance(200);
    asked[0]?.answer('A');
    await runtime.settle();
    asked[2]?.answer('C');

    expect([early, outcomes]).toEqual([[], ['broker.no_turn']]);
    await expect(answers[2]).rejects.toMatchObject({ kind: 'unavailable', details: { retryAfterMs: 1_000 } });
    expect(await patient).toBe('C');
  });

  it('does not ask a question whose callers are all gone', async () => {
    const answers = ['a', 'b', 'c', 'd'].map((question) => read(question, question === 'c' ? DEADLINE_MS : 3 * DEADLINE_MS));
    const refused = expect(answers[2]).rejects.toMatchObject({ code: 'broker.no_turn' });
    await runtime.advance(DEADLINE_MS);
    await refused;

    asked[0]?.answer('A');
    await runtime.settle();

    expect(questions()).toEqual(['a', 'b', 'd']);
  });

  it('refuses a caller at once when it is full, and has room again later', async () => {
    const answers = ['a', 'b', 'c', 'd', 'e', 'e'].map((question) => read(question));

    await expect(read('f')).rejects.toMatchObject({ kind: 'throttled', code: 'broker.reads_full', details: { waitingMax: 4 } });
    asked[0]?.answer('A');
    await runtime.settle();
    const next = read('g');
    for (const at of [1, 2, 3, 4, 5]) {
      asked[at]?.answer('answer');
      await runtime.settle();
    }

    expect(await Promise.all([...answers, next])).toHaveLength(7);
    expect(runtime.pendingTimers).toBe(0);
  });

  function read(question: string, withinMs = DEADLINE_MS): Promise<string> {
    const answer = lane.run(question, runtime.clock.nowMs() + withinMs, () =>
      new Promise<string>((resolve, reject) => void asked.push({ question, answer: resolve, fail: reject })));
    // The test looks at the refusal elsewhere.
    answer.catch(() => undefined);
    return answer;
  }

  function questions(): string[] {
    return asked.map(({ question }) => question);
  }
});
