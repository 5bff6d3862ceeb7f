export { builtIn } from './built-ins/built-in.ts';
export type { BuiltInConfig, BuiltInName } from './built-ins/built-in.ts';
export { askBasket, priceBasket } from './engine/basket.ts';
export { askLines, priceLine } from './engine/line.ts';
export type {
  AppliedAdjustment, BasketAdjustment, PricedBasket, PricedLine, SkippedRule,
} from './engine/priced.ts';
export { createRuleSet } from './engine/rule-set.ts';
export type { RuleSet } from './engine/rule-set.ts';
export type { Period } from './engine/selection.ts';
export { money } from './money.ts';
export { referenceRules, referenceSetups } from './reference-rules.ts';
export type { ReferenceSetup } from './reference-rules.ts';
export type {
  ActiveStrategy, Adjustment, AskingContext, BasketInput, Ctx, Item, Json, LineInput, Lot, Meta, MoneyMath,
  Patience, Priced, PricingContext, Rounding, Scope, Skip, Strategy, TestCase,
} from './strategy.ts';
export { rateOn } from './tax/rate.ts';
export type { DatedTaxRate, TaxRate } from './tax/rate.ts';
export { taxesOf } from './tax/tax.ts';
export type { TaxRules, TaxableLine, Taxed } from './tax/tax.ts';
export { TaxFailure } from './tax/tax-failures.ts';
