import fc from 'fast-check';
import { Catalogue, type CatalogueChange } from './catalogue.ts';

const market = fc.constantFrom('m1', 'm2');
const tenant = fc.constantFrom('default', 'other');
const change = fc.oneof(
  { weight: 1, arbitrary: fc.record({ tenant, market, currency: fc.constantFrom('GBP', 'EUR') }) },
  { weight: 4, arbitrary: fc.record({ tenant, market, sku: fc.constantFrom('a', 'b', 'c'), priceMinor: fc.option(fc.nat(9)) }) },
);

describe('Catalogue', () => {
  it('is the same for its changes in any number of steps, and leaves an earlier catalogue unchanged', () => {
    fc.assert(fc.property(fc.array(fc.array(change)), (steps) => {
      let catalogue = Catalogue.empty;
      const earlier: [Catalogue, unknown][] = [];
      let revision = 0;
      const all: CatalogueChange[] = [];

      for (const step of steps) {
        revision += 1;
        const changes = step.map((each) => changeOf(each, revision));
        all.push(...changes);
        catalogue = catalogue.with(changes);
        earlier.push([catalogue, contentOf(catalogue)]);
      }

      expect(contentOf(catalogue)).toEqual(contentOf(Catalogue.empty.with(all)));
      for (const [value, content] of earlier) expect(contentOf(value)).toEqual(content);
    }));
  });

  it('raises the revision of a changed market, and of no other', () => {
    fc.assert(fc.property(fc.array(change, { minLength: 1 }), (changes) => {
      const before = Catalogue.empty.with([
        { tenant: 'default', market: 'm1', currency: 'GBP', rounding: 'half-up', revision: 1 },
        { tenant: 'default', market: 'm2', currency: 'GBP', rounding: 'half-up', revision: 1 },
      ]);

      const after = before.with(changes.map((each) => changeOf(each, 2)));

      for (const id of ['m1', 'm2']) {
        const isChanged = changes.some((each) => each.tenant === 'default' && each.market === id);
        expect(after.market('default', id)?.revision).toBe(isChanged ? 2 : 1);
        if (!isChanged) expect(after.market('default', id)).toBe(before.market('default', id));
      }
    }));
  });
});

type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

function changeOf(each: Change, revision: number): CatalogueChange {
  if ('currency' in each) return { ...each, rounding: 'half-up', revision };
  const { priceMinor, ...place } = each;
  const product = priceMinor === null ? undefined : { sku: each.sku, name: each.sku, unitPriceMinor: priceMinor };
  return { ...place, revision, product };
}

function contentOf(catalogue: Catalogue): unknown {
  return ['default', 'other'].flatMap((tenant) => ['m1', 'm2'].map((id) => {
    const market = catalogue.market(tenant, id);
    const products = [...(market?.products.values() ?? [])].sort((a, b) => a.sku.localeCompare(b.sku));
    return market && { ...market, products };
  }));
}
