import { failures } from '@aisle/std';
import { itemOf } from './item.ts';
import type { Item } from './item.ts';
import type { EventHandler } from './received-event.ts';
import { BEHIND, tryEvents } from './try-events.ts';

describe('tryEvents', () => {
  it('passes all events at once when none fails', async () => {
    const calls: string[] = [];

    const failed = await run(handlerOf(calls, () => false), 'abcd');

    expect(failed).toEqual([]);
    expect(calls).toEqual(['abcd']);
  });

  it('finds the failing event by halves, and all others are handled', async () => {
    const calls: string[] = [];

    const failed = await run(handlerOf(calls, (key) => key === 'f'), 'abcdefgh');

    expect(failed).toEqual([['f', 'cannot be']]);
    expect(calls).toEqual(['abcdefgh!', 'abcd', 'efgh!', 'ef!', 'e', 'f!', 'gh']);
  });

  it('does not try an event whose key has failed before it', async () => {
    const calls: string[] = [];

    const failed = await run(handlerOf(calls, (key) => key === 'a'), 'abab');

    expect(failed).toEqual([['a', 'cannot be'], ['a', BEHIND]]);
    expect(calls.filter((call) => !call.endsWith('!')).join('')).toBe('bb');
  });

  it('accepts the failed events that a handler lists', async () => {
    const handle: EventHandler = async (events) => ({
      failed: events.filter(({ event }) => event.key === 'b').map((received) => ({ received, error: new Error('no') })),
    });

    expect(await run(handle, 'abc')).toEqual([['b', 'no']]);
  });

  it('holds the whole batch while something is away', async () => {
    const calls: string[] = [];
    const away = TestFailure.away();
    let times = 0;

    const failed = await run(async (events) => {
      calls.push(events.map(({ event }) => event.key).join(''));
      if ((times += 1) < 4) throw away;
    }, 'abc');

    expect(failed).toEqual([]);
    expect(calls).toEqual(['abc', 'abc', 'abc', 'abc']);
  });

  it('ends without an outcome when told to stop', async () => {
    const outcome = await tryEvents([...'ab'].map(itemAt), {
      handle: () => Promise.reject(TestFailure.away()), retryMs: 1, pause: async () => {}, onHeld: () => {},
      isStopped: (() => { let asked = 0; return () => (asked += 1) > 3; })(),
    });

    expect(outcome).toBeUndefined();
  });
});

const TestFailure = failures('test', { away: ['unavailable', 'away'] });

/** Records each call's keys, and marks those at which it throws. */
function handlerOf(calls: string[], isPoison: (key: string) => boolean): EventHandler {
  return async (events) => {
    const keys = events.map(({ event }) => event.key);
    calls.push(keys.join('') + (keys.some(isPoison) ? '!' : ''));
    if (keys.some(isPoison)) throw new TypeError('cannot be');
  };
}

async function run(handle: EventHandler, keys: string): Promise<[string, unknown][]> {
  const failed = await tryEvents([...keys].map(itemAt), {
    handle, retryMs: 1, pause: async () => {}, isStopped: () => false, onHeld: () => {},
  });
  return [...(failed ?? [])].map(([{ key }, error]) => [key, error === BEHIND ? error : (error as Error).message]);
}

function itemAt(key: string, index: number): Item {
  return itemOf({ position: index + 1, body: JSON.stringify({ key }) }, 't', 0);
}
