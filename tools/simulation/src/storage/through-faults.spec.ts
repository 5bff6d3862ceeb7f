import { World } from '../world/world.ts';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import { StorageFaults, type StorageFaultOptions } from './storage-faults.ts';
import { throughFaults } from './through-faults.ts';

describe('a storage without faults', () => {
  it('takes effect half-way, and returns the result of the target', async () => {
    const { world, till, target, call } = shop({ latencyMs: [5, 5] });
    const answer = call(() => till.add(2));
    await world.runFor(6);
    expect([target.total, answer.now]).toEqual([2, undefined]);

    await world.runFor(5);

    expect(answer.now).toBe('2');
    expect(till.name).toBe('till');
  });

  it('rejects with the error of the target', async () => {
    const { world, till, call } = shop();

    const answer = call(() => till.add(-1));
    await world.runFor(10);

    expect(answer.now).toBe('nothing below zero');
  });

  it('sends its arguments as they are at the call, whatever changes later', async () => {
    const { world, till, target } = shop();
    const amounts = [1, 2];

    void till.addAll(amounts);
    amounts.push(100);
    await world.runFor(10);

    expect(target.total).toBe(3);
  });
});

describe('a fault of the storage', () => {
  it.each<[fault: Partial<StorageFaultOptions>, counter: string, answer: string | undefined, total: number]>([
    [{ refused: 1 }, 'storage.refused', 'storage.unavailable refused', 0],
    [{ late: 1, lateMs: [2_000, 2_000] }, 'storage.late', 'storage.unavailable unanswered', 2],
    [{ late: 1, lateMs: [500, 500] }, 'storage.late', '2', 2],
    [{ unknown: 1, lateMs: [2_000, 2_000] }, 'storage.unknown', 'storage.unavailable unanswered', 2],
  ])('%j is counted as %s', async (fault, counter, expected, total) => {
    const { world, till, target, call } = shop(fault);

    const answer = call(() => till.add(2));
    await world.runFor(1_500);
    const [answered, totalThen] = [answer.now, target.total];
    await world.runFor(1_500);

    expect(answered).toBe(expected);
    expect([answer.now, target.total]).toEqual([expected, total]);
    expect(world.coverage.count(counter)).toBe(1);
    // A late call takes effect after its caller has given up.
    expect(totalThen).toBe(counter === 'storage.late' && expected !== '2' ? 0 : total);
  });

  it('is answered with the declared answer of the method', async () => {
    const { world, process, target, faults } = shop({ refused: 1 });
    const till = throughFaults(process, target, faults, { add: (fault, reason) => `${fault}: ${reason}` });
    let answer = '';

    void till.add(1).then((now) => (answer = now));
    await world.runFor(10);

    expect(answer).toBe('refused: injected');
  });

  it('ends when the storage is calmed', async () => {
    const { world, process, till, faults, call } = shop({ refused: 1, late: 1, unknown: 1 });
    faults.partition(process, 'both');
    faults.crashAt(process, 'add', 1, 'before');

    faults.calm();
    const answer = call(() => till.add(2));
    await world.runFor(10);

    expect(answer.now).toBe('2');
  });
});

describe('a partition from the storage', () => {
  it.each<['to' | 'from' | 'both', boolean]>([['to', false], ['from', true], ['both', false]])(
    'in the direction %s leaves calls unanswered; that they have their effect is %s',
    async (direction, hasEffect) => {
      const { world, process, till, target, faults, call } = shop();
      faults.partition(process, direction);

      const answer = call(() => till.add(2));
      await world.runFor(2_000);

      expect(answer.now).toBe('storage.unavailable unanswered');
      expect(target.total).toBe(hasEffect ? 2 : 0);
    },
  );

  it('lets some of the calls that it held back take effect afterwards', async () => {
    const { world, process, till, target, faults, call } = shop();
    faults.partition(process, 'to');
    for (let sale = 0; sale < 40; sale += 1) call(() => till.add(1));
    await world.runFor(2_000);

    faults.heal(process);
    await world.runFor(10);

    expect(target.total).toBeGreaterThan(5);
    expect(target.total).toBeLessThan(35);
  });
});

describe('a crash at a commit', () => {
  it.each<['before' | 'after', number]>([['before', 2], ['after', 3]])(
    'comes %s the effect of the third, and leaves %i of them',
    async (moment, total) => {
      const { world, process, till, target, faults, call } = shop();
      faults.crashAt(process, 'add', 3, moment);
      const answers = [];
      for (let sale = 0; sale < 5; sale += 1) {
        void call(() => till.read());
        answers.push(call(() => till.add(1)));
        await world.runFor(10);
      }

      expect(process.alive).toBe(false);
      expect(target.total).toBe(total);
      expect(answers.map(({ now }) => now)).toEqual(['1', '2', undefined, undefined, undefined]);
      expect(world.coverage.count(`storage.crash ${moment} add`)).toBe(1);
    },
  );
});

describe('a process', () => {
  it('that is killed does not take back a sent call, which still takes effect', async () => {
    const { world, process, till, target, call } = shop();
    const answer = call(() => till.add(2));

    process.kill();
    await world.runFor(10);

    expect([target.total, answer.now]).toEqual([2, undefined]);
  });

  it('that is paused receives its answer when it is resumed', async () => {
    const { world, process, till, call } = shop();
    const answer = call(() => till.add(2));
    process.pause();
    await world.runFor(5_000);
    expect(answer.now).toBeUndefined();

    process.resume();
    await world.runFor(1);

    expect(answer.now).toBe('2');
  });
});

class Till {
  readonly name = 'till';
  total = 0;

  async add(amount: number): Promise<string> {
    if (amount < 0) throw new Error('nothing below zero');
    this.total += amount;
    return String(this.total);
  }

  async addAll(amounts: readonly number[]): Promise<void> {
    for (const amount of amounts) this.total += amount;
  }

  async read(): Promise<number> {
    return this.total;
  }
}

interface Shop {
  readonly world: World;
  readonly process: SimulatedProcess;
  readonly target: Till;
  readonly till: Till;
  readonly faults: StorageFaults;
  /** Calls a method, and returns an object that shows the answer once there is one. */
  call(run: () => Promise<unknown>): { now: string | undefined };
}

function shop(options: Partial<StorageFaultOptions> = {}): Shop {
  const world = new World(1);
  const process = world.process('node');
  const target = new Till();
  const faults = new StorageFaults(world, options);
  const till = throughFaults(process, target, faults);
  const call: Shop['call'] = (run) => {
    const answer: { now: string | undefined } = { now: undefined };
    run().then(
      (result) => (answer.now = String(result)),
      (error: { message: string; code?: string; details?: { fault: string } }) =>
        (answer.now = error.code ? `${error.code} ${error.details?.fault}` : error.message),
    );
    return answer;
  };
  return { world, process, target, till, faults, call };
}
