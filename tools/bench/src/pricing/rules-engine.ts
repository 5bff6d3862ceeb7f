import { Engine } from 'json-rules-engine';
import type { Item } from '@aisle/pricing';

/** The same line rules for json-rules-engine: it finds the ones that apply, and a callback takes them off. */
export function rulesEngine(): (items: readonly Item[]) => Promise<number> {
  const engine = new Engine([], { allowUndefinedFacts: true });
  engine.addFact('mod', async (params, almanac) =>
    (Number(await almanac.factValue('quantity')) + Number(params['add'])) % 8);
  for (let index = 0; index < 23; index += 1) {
    const due = { fact: 'mod', params: { add: index }, operator: 'equal', value: 0 };
    const scope = { fact: 'category', operator: 'equal', value: `category-${index}` };
    engine.addRule({
      conditions: { all: index < 18 ? [scope, due] : [due] },
      event: { type: 'off', params: { parts: 10 + index } },
    });
  }
  return async (items) => {
    let totalMinor = 0;
    for (const { quantity, unitPriceMinor, category } of items) {
      let netMinor = quantity * unitPriceMinor;
      const { events } = await engine.run({ quantity, category });
      for (const { params } of events) netMinor -= Math.round(netMinor / Number(params?.['parts']));
      totalMinor += netMinor;
    }
    return totalMinor;
  };
}
