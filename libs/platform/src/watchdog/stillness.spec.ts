import { Stillness } from './stillness.ts';

const LOOK_MS = 100;

/** The arguments of one look: both are totals since the thread began. */
type Look = readonly [beats: number, waitedMs: number];

describe('Stillness', () => {
  it.each<{ thread: string; looks: Look[]; stillMs: number }>([
    { thread: 'has just been seen for the first time', looks: [[7, 0]], stillMs: 0 },
    { thread: 'makes progress', looks: [[1, 0], [2, 0], [3, 0]], stillMs: 0 },
    { thread: 'stands still', looks: [[1, 0], [1, 0], [1, 0], [1, 0]], stillMs: 300 },
    { thread: 'continues after a halt', looks: [[1, 0], [1, 0], [1, 0], [2, 0]], stillMs: 0 },
    { thread: 'stands still again', looks: [[1, 0], [1, 0], [2, 0], [2, 0]], stillMs: 100 },
    { thread: 'waited for a core for half of the time', looks: [[1, 0], [1, 50], [1, 100]], stillMs: 100 },
    { thread: 'waited for a core during the last look', looks: [[1, 0], [1, 0], [1, 60]], stillMs: 140 },
    { thread: 'waited for a core before it was first seen', looks: [[1, 9_000], [1, 9_000]], stillMs: 100 },
    { thread: 'hardly ever had a core', looks: [[1, 0], [1, 100], [1, 200]], stillMs: 50 },
    { thread: 'runs where waits are no longer counted', looks: [[1, 500], [1, 0]], stillMs: 100 },
  ])('of a thread that $thread is $stillMs ms', ({ looks, stillMs }) => {
    const stillness = new Stillness(LOOK_MS);

    expect(looks.map((look) => stillness.look(...look)).at(-1)).toBe(stillMs);
  });
});
