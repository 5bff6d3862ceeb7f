import { reservePort } from './ports.ts';

describe('reservePort', () => {
  // If one of these ports is taken, a later port follows, which is a valid test as well.
  it.each([5_060, 6_000, 6_665, 6_697, 10_080])('from %i upwards gives a port that fetch may connect to', async (from) => {
    const port = await reservePort(from);

    expect(port).toBeGreaterThan(from);
    expect(await whyNot(port)).not.toBe('bad port');
  });

  it('gives a port to one who asks only', async () => {
    expect(await reservePort(11_000)).not.toBe(await reservePort(11_000));
  });
});

async function whyNot(port: number): Promise<string> {
  const failure = (await fetch(`http://127.0.0.1:${port}`).catch((error: unknown) => error)) as Error;
  return (failure.cause as Error).message;
}
