import { LIMITS, type Operation } from '@aisle/contracts';
import { choicesAfter, emptyBasket, evolve, type Basket, type Line, type Shelf } from './basket.ts';

const PIECES: Shelf = { sells: () => true, stepsPerUnit: () => 1 };
const GRAMS: Shelf = { sells: () => true, stepsPerUnit: () => 1_000 };

describe('choicesAfter', () => {
  it.each<[what: string, held: Record<string, number>, operations: Operation[], targets: Record<string, number>]>([
    ['adds to what the basket holds', { GR1: 2 }, [add('GR1', 3)], { GR1: 5 }],
    ['adds a new product', { GR1: 2 }, [add('SR1', 1)], { SR1: 1 }],
    ['sets a quantity, whatever the present one is', { GR1: 2 }, [set('GR1', 7)], { GR1: 7 }],
    ['removes a line that is set to 0', { GR1: 2 }, [set('GR1', 0)], { GR1: 0 }],
    ['removes a line', { GR1: 2 }, [remove('GR1')], { GR1: 0 }],
    ['clears every line', { GR1: 2, SR1: 1 }, [{ op: 'clear' }], { GR1: 0, SR1: 0 }],
    ['applies a batch in order', { GR1: 2 }, [add('GR1', 1), set('SR1', 4), add('SR1', 1)], { GR1: 3, SR1: 5 }],
    ['sees the earlier operations of its batch', {}, [add('GR1', 1), remove('GR1')], { GR1: 0 }],
    ['starts again after a clear', { GR1: 2 }, [add('SR1', 1), { op: 'clear' }, add('GR1', 1)], { SR1: 0, GR1: 1 }],
  ])('%s', (_what, held, operations, targets) => {
    const choices = [...choicesAfter(basketWith(held), operations, PIECES)];

    expect(Object.fromEntries(choices.map(([sku, { quantity }]) => [sku, quantity]))).toEqual(targets);
  });

  it('refuses to remove a line that does not exist', () => {
    expect(() => choicesAfter(basketWith({ GR1: 1 }), [remove('SR1')], PIECES)).toThrow(
      expect.objectContaining({ kind: 'missing', code: 'basket.line_missing' }),
    );
  });

  it('refuses more units than a line holds', () => {
    const full = basketWith({ GR1: LIMITS.unitsPerLine });

    expect(() => choicesAfter(full, [add('GR1', 1)], PIECES)).toThrow(
      expect.objectContaining({ kind: 'rejected', code: 'basket.line_full' }),
    );
  });

  it('holds as many whole units of a product by measure, in its steps', () => {
    const most = LIMITS.unitsPerLine * 1_000;

    expect(choicesAfter(emptyBasket, [set('HAM', most)], GRAMS).get('HAM')).toEqual({ quantity: most });
    expect(() => choicesAfter(emptyBasket, [set('HAM', most), add('HAM', 1)], GRAMS)).toThrow(
      expect.objectContaining({ code: 'basket.line_full', details: { sku: 'HAM', unitsMax: most } }),
    );
  });

  it('refuses another product when the basket is full, but accepts more of the same', () => {
    const full = basketWith(
      Object.fromEntries(Array.from({ length: LIMITS.linesPerBasket }, (_, index) => [`P${index}`, 1])),
    );

    expect(choicesAfter(full, [add('P0', 1)], PIECES).get('P0')).toEqual({ quantity: 2 });
    expect(() => choicesAfter(full, [add('GR1', 1)], PIECES)).toThrow(
      expect.objectContaining({ code: 'basket.full' }),
    );
    expect(choicesAfter(full, [remove('P0'), add('GR1', 1)], PIECES).get('GR1')).toEqual({ quantity: 1 });
  });
});

describe('evolve', () => {
  it('counts each event as a version, including one that changes nothing', () => {
    const event = {
      type: 'changed' as const,
      lines: [],
      removed: [],
      adjustments: [],
      skipped: [],
      degraded: false,
      totalMinor: 0,
      revisions: { catalogue: 1, rules: 1 },
      notices: [],
      atMs: 5,
    };

    const basket = evolve(evolve(emptyBasket, event), event);

    expect(basket).toMatchObject({ version: 2, updatedAtMs: 5, revisions: event.revisions });
  });
});

function basketWith(quantities: Record<string, number>): Basket {
  return {
    ...emptyBasket,
    version: 1,
    lines: new Map(Object.entries(quantities).map(([sku, quantity]) => [sku, line(sku, quantity)])),
  };
}

function line(sku: string, quantity: number): Line {
  return {
    sku,
    name: sku,
    quantity,
    unitPriceMinor: 100,
    grossMinor: quantity * 100,
    netMinor: quantity * 100,
    adjustments: [],
    skipped: [],
    degraded: false,
  };
}

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}

function set(sku: string, quantity: number): Operation {
  return { op: 'set', sku, quantity };
}

function remove(sku: string): Operation {
  return { op: 'remove', sku };
}
