import { PricingFailure } from '../failures.ts';
import { deepFreeze } from '../freeze.ts';
import { sha256 } from '../sha256.ts';
import { bulkPrice } from './bulk-price.ts';
import { buyNGetM } from './buy-n-get-m.ts';
import { fixedOff } from './fixed-off.ts';
import { fractionFrom } from './fraction-from.ts';
import { mixAndMatch } from './mix-and-match.ts';
import { nearExpiryMarkdown } from './near-expiry-markdown.ts';
import { percentOff } from './percent-off.ts';
import { spendXSaveY } from './spend-x-save-y.ts';
import type { ActiveStrategy, Json, Meta } from '../strategy.ts';
import type { BuiltIn } from './definition.ts';

// A row's arithmetic never changes. An improvement is a new row, `…@2`.
const BUILT_INS = {
  'buy-n-get-m@1': buyNGetM,
  'bulk-price@1': bulkPrice,
  'fraction-from@1': fractionFrom,
  'percent-off@1': percentOff,
  'fixed-off@1': fixedOff,
  'near-expiry-markdown@1': nearExpiryMarkdown,
  'mix-and-match@1': mixAndMatch,
  'spend-x-save-y@1': spendXSaveY,
} as const;

/** A built-in and the version of its arithmetic. @useDeclaredType */
export type BuiltInName = keyof typeof BUILT_INS;

/** The configuration of a built-in: its meta, of which only these three fields have no default. */
export interface BuiltInConfig extends Partial<Omit<Meta, 'contract' | 'kind'>> {
  readonly name: string;
  /** The version of this configuration. Together with the hash it identifies the rule behind a charged price. */
  readonly version: string;
  /** The built-in's parameters; the README lists them. */
  readonly params: Readonly<Record<string, Json>>;
}

/**
 * A trusted strategy that runs in process. Its hash covers the built-in, its version and the whole configuration.
 * Throws `pricing.rules`, which names an unknown built-in or every wrong parameter. `createRuleSet` checks the rest of
 * the meta.
 */
export function builtIn(name: BuiltInName, config: BuiltInConfig): ActiveStrategy {
  const definition = definitionOf(name);
  const meta: Meta = deepFreeze(structuredClone({
    title: config.name,
    scope: {},
    priority: 0,
    stack: 'stack' as const,
    tests: [],
    ...config,
    contract: 1 as const,
    kind: definition.kind,
  }));
  const price = definition.configure(meta.params);
  return { meta, sha256: sha256(canonical({ builtIn: name, meta })), price };
}

/** The paths of the parameters that are amounts of money. Throws `pricing.rules` for an unknown built-in. */
export function amountsIn(name: BuiltInName, params: unknown): readonly string[] {
  return definitionOf(name).amountsIn(params);
}

function definitionOf(name: string): BuiltIn {
  if (Object.hasOwn(BUILT_INS, name)) return BUILT_INS[name as BuiltInName];
  throw PricingFailure.rules([`no such built-in: '${name}'; the built-ins are ${Object.keys(BUILT_INS).join(', ')}`]);
}

/** JSON with sorted keys, so that equal configurations have equal hashes. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
