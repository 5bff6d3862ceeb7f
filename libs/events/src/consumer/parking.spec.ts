import { itemOf } from './item.ts';
import type { Item } from './item.ts';
import { Parking } from './parking.ts';

describe('Parking', () => {
  let parking: Parking;
  beforeEach(() => {
    parking = new Parking(100);
  });

  it('tries the first event of a key alone, and those behind it together', () => {
    const [first, second, third] = ['a', 'a', 'a'].map(itemAt) as [Item, Item, Item];
    for (const item of [first, second, third]) parking.add(item, 0);

    expect(parking.due(99)).toEqual([]);
    expect(parking.due(100)).toEqual([first]);
    parking.done(first, 100);

    expect(parking.due(100)).toEqual([second, third]);
  });

  it('waits twice as long each time, up to five seconds', () => {
    const item = itemAt('a', 0);
    parking.add(item, 0);
    const waits: number[] = [];

    for (let nowMs = parking.nextDueMs ?? 0, times = 0; times < 8; times += 1) {
      parking.again(item, nowMs);
      waits.push((parking.nextDueMs ?? 0) - nowMs);
      nowMs = parking.nextDueMs ?? 0;
    }

    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  it('keeps keys apart', () => {
    const [sick, other] = ['a', 'b'].map(itemAt) as [Item, Item];
    parking.add(sick, 0);
    parking.add(other, 50);

    parking.done(sick, 100);

    expect([parking.has('a'), parking.has('b'), parking.size]).toEqual([false, true, 1]);
    expect(parking.due(150)).toEqual([other]);
  });

  it('knows the oldest waiting event, behind which no position is settled', () => {
    const [first, second, third] = ['a', 'b', 'a'].map(itemAt) as [Item, Item, Item];
    for (const item of [second, first, third]) parking.add(item, 0);

    expect(parking.oldest).toBe(first);
    parking.done(first, 0);
    expect(parking.oldest).toBe(second);
  });
});

function itemAt(key: string, index: number): Item {
  return itemOf({ position: index + 1, body: JSON.stringify({ key }) }, 't', 0);
}
