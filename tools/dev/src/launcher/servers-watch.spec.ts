import type { ServiceState } from '../infra/state.ts';
import { identify } from '../process/identity.ts';
import { ServersWatch } from './servers-watch.ts';

describe('the watch of servers', () => {
  const alive = identify(process.pid)!;
  const dead = { pid: 12, born: 'in another life' };
  let output: string[];
  let look: (redis: ServiceState | undefined, nowMs: number) => void;

  beforeEach(() => {
    output = [];
    const watch = new ServersWatch({ line: (text = '') => void output.push(text), paint: (_colour, text) => text });
    look = (redis, nowMs) => watch.look({ services: redis ? { redis } : {} }, nowMs);
  });

  it('is silent while they live', () => {
    look(up(alive), 0);
    look(up(alive), 500);

    expect(output).toEqual([]);
  });

  it('reports once that one has died, and once that it is back', () => {
    look(up({ ...alive, pid: alive.pid }), 0);
    look({ status: 'starting' }, 500);
    look({ status: 'starting', note: 'takes long' }, 1_000);
    look(up(identify(process.ppid)!), 2_000);
    look(up(identify(process.ppid)!), 2_500);

    expect(output).toEqual([
      `✗ Redis (pid ${alive.pid}) has ended; it is being started again`,
      `✓ Redis is back (pid ${process.ppid}) after 1.5 s`,
    ]);
  });

  it('reports it too if it was back before the next check', () => {
    look(up(alive), 0);
    look(up(identify(process.ppid)!), 500);

    expect(output).toEqual([expect.stringContaining('has ended'), expect.stringContaining('is back')]);
  });

  it('reports once why one does not come back', () => {
    look(up(alive), 0);
    for (const nowMs of [500, 1_500, 2_500]) look({ status: 'failed', message: 'disk full\nmore of it', atMs: nowMs }, nowMs);

    expect(output).toEqual([
      expect.stringContaining('has ended'), '✗ Redis does not start: disk full; it is tried again every second',
    ]);
  });

  it('reports when it is back at another address', () => {
    look(up(alive), 0);
    look(up(identify(process.ppid)!, 'redis://127.0.0.1:2'), 500);

    expect(output.at(-1)).toContain('Redis has another port than before');
  });

  it('ignores a server that was dead from the start', () => {
    look(up(dead), 0);
    look({ status: 'starting' }, 500);

    expect(output).toEqual([]);
  });

  function up(process: { pid: number; born: string }, url = 'redis://127.0.0.1:1'): ServiceState {
    return { status: 'up', url, source: 'PATH', process };
  }
});
