import { assert } from '@aisle/std';
import { announcementFunction, productChanged, promisesFunction } from './market-promises-function.migration.ts';

/** As `promisesFunction`, with the facts of products and the terms of markets, which their events have as fields of their own. */
export function factsFunction(schema: string): string {
  const given = {
    sku: "given->>'sku'", name: "given->>'name'", category: "given->>'category'", priceMinor: "given->'priceMinor'",
    deleted: "given->'deleted'",
  };
  return amended(promisesFunction(schema), [
    ['low_stock, near_expiry_days, version)\n', 'low_stock, near_expiry_days, version, terms)\n'],
    ["(given->>'version')::int\n  FROM inserted", "(given->>'version')::int, given->'terms'\n  FROM inserted"],
    ['near_expiry_days = excluded.near_expiry_days, version = excluded.version;', 'near_expiry_days = excluded.near_expiry_days, version = excluded.version,\n    terms = excluded.terms;'],
    [CHANGED_MARKET, withFacts(CHANGED_MARKET, "event->'market'->'terms'")],
    ['price_minor, deleted,\n      version', 'price_minor, deleted, facts,\n      version'],
    ["(given->>'deleted')::boolean, counts.version", "(given->>'deleted')::boolean, given->'facts', counts.version"],
    ['deleted = excluded.deleted,\n', 'deleted = excluded.deleted, facts = excluded.facts,\n'],
    [productChanged(given), withFacts(productChanged(given), "given->'facts'")],
  ]);
}

const CHANGED_MARKET = `json_build_object('market', market, 'currency', event->'market'->>'currency',
        'rounding', event->'market'->>'rounding', 'revision', revision)`;
const PRESENT_MARKET = "json_build_object('market', id, 'currency', currency, 'rounding', rounding, 'revision', revision)";

const present = { sku: 'sku', name: 'name', category: 'category', priceMinor: 'price_minor', deleted: 'deleted' };

/** As the earlier `announce_markets`, with the facts of products and the terms of markets. */
export const announceFactsFunction = amended(announcementFunction, [
  [PRESENT_MARKET, withFacts(PRESENT_MARKET, 'terms')],
  [productChanged(present), withFacts(productChanged(present), 'facts')],
]);

/** The data of an event with the facts of its product. Without facts it is byte for byte what it was before there were any. */
function withFacts(data: string, facts: string): string {
  return `CASE WHEN ${facts} IS NULL THEN ${data} ELSE (${data}::jsonb || (${facts}))::json END`;
}

/** A function's text with changes, each of which has one place in it. */
export function amended(text: string, changes: readonly (readonly [before: string, after: string])[]): string {
  return changes.reduce((amendedText, [before, after]) => {
    assert(amendedText.split(before).length === 2, `the earlier function has once: ${before}`);
    return amendedText.replace(before, () => after);
  }, text);
}
