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
export { datedPrice, priceAt } from './price-list/dated-price.ts';
export type { DatedPrice, PriceAt, PriceRow } from './price-list/dated-price.ts';
export { PRIOR_DAYS, priorPrice, recordPrice } from './price-list/prior-price.ts';
export type { PriceRecord } from './price-list/prior-price.ts';
export { DepositFailure, checkReturnable, depositsOf } from './quantity/deposit.ts';
export type { DepositLine, DepositingLine } from './quantity/deposit.ts';
export { grossOf, settlementOf, shelfPriceOf, stepsOfPrice } from './quantity/gross.ts';
export type { Content, PricedQuantity } from './quantity/gross.ts';
export { referenceRules, referenceSetups } from './reference-rules.ts';
export type { ReferenceSetup } from './reference-rules.ts';
export { compareUtf8, shareAmong } from './sharing.ts';
export type { SharingLine, WeightedLine } from './sharing.ts';
export type {
  ActiveStrategy, Adjustment, AskingContext, BasketInput, Ctx, Item, Json, LineInput, Lot, Meta, MoneyMath,
  Patience, Priced, PricingContext, Rounding, Scope, Skip, Strategy, TestCase,
} from './strategy.ts';
export { billOf } from './tax/bill.ts';
export type { BasketAmount, Bill, BillLine, BillTerms, BilledLine } from './tax/bill.ts';
export { rateOn, readRate } from './tax/rate.ts';
export type { DatedTaxRate, TaxRate } from './tax/rate.ts';
export { returnedPart } from './tax/returned-part.ts';
export type { GivenBack, ReturnedPart, SoldLine } from './tax/returned-part.ts';
export { taxesOf } from './tax/tax.ts';
export type { TaxRules, TaxableLine, Taxed, TaxedDocument } from './tax/tax.ts';
export { ReturnFailure, TaxFailure } from './tax/tax-failures.ts';
