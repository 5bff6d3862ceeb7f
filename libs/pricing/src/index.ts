export { builtIn } from './built-ins/built-in.ts';
export type { BuiltInConfig, BuiltInName } from './built-ins/built-in.ts';
export { priceBasket } from './engine/basket.ts';
export type { BasketAdjustment, PricedBasket } from './engine/basket.ts';
export { priceLine } from './engine/line.ts';
export type { PricedLine } from './engine/line.ts';
export type { AppliedAdjustment, SkippedRule } from './engine/phase.ts';
export { createRuleSet } from './engine/rule-set.ts';
export type { RuleSet } from './engine/rule-set.ts';
export { allocate, money, mulDiv } from './money.ts';
export { referenceRules } from './reference-rules.ts';
export type {
  ActiveStrategy, Adjustment, BasketInput, Ctx, Item, Json, LineInput, Lot, Meta, MoneyMath,
  Priced, PricingContext, Rounding, Scope, Skip, Strategy, TestCase,
} from './strategy.ts';
