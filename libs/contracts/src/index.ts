export { BarcodeFailure } from './barcode/barcode-failures.ts';
export { ScannedCode } from './barcode/scanned-code.ts';
export { scannedGoods } from './barcode/scanned-goods.ts';
export type { CodedShelf, ScannedGoods } from './barcode/scanned-goods.ts';
export {
  AddItem, Adjustment, Basket, BasketJournal, Batch, LIMITS, MergeBasket, ONE_PRODUCT, Quote, QuoteRequest, SetLine, choiceOf, extrasOf,
  namesOneProduct,
} from './basket.ts';
export type { Choice, Extras, LineChoice, MergeMode, Operation } from './basket.ts';
export { CheckOut, CheckedOut } from './basket-checkout.ts';
export { BasketProtocol, PricesProtocol } from './basket-protocol.ts';
export type {
  AbsorbBasket, AbsorbReply, BasketCondition, BasketKey, BasketOpening, ChangeBasket, CheckOutBasket, CheckoutReply, MergeIntoBasket, OrderPricing, PriceOrder,
  PricedOrder, PricedProduct, PricesKey, ReadJournal, RestoreBasket,
} from './basket-protocol.ts';
export { Consumer, ConsumerList, ConsumerMessage, SendMessage, StartConsumer } from './consumer.ts';
export { ConsumerProtocol } from './consumer-protocol.ts';
export type { ConsumerKey, SendReply, StartReply } from './consumer-protocol.ts';
export type { DocumentReply, ReadPage, StockLine } from './document-reply.ts';
export { Currency } from './currency.ts';
export { Identifier } from './identifier.ts';
export { ABSENT } from './identity/absent.ts';
export { ApiKey, IssuedKey, KEY_LIMITS, KeyList, NewKey } from './identity/api-key.ts';
export { DENIALS_MAX, Denial, DenialKind, DenialList, NewDenial } from './identity/denial.ts';
export { DEFAULT_TENANT } from './identity/principal.ts';
export type { Principal } from './identity/principal.ts';
export { SCOPES, Scope, isMarketScope } from './identity/scope.ts';
export { NewShopperToken, ShopperToken } from './identity/shopper-token.ts';
export { EVENTS, TOPICS } from './integration-event.ts';
export type { EventData, EventType, IntegrationEvent } from './integration-event.ts';
export {
  ImportProgress, MARKET_LIMITS, Market, MarketEdit, MarketList, NewProduct, Product, ProductChange, ProductEdit,
  ProductList, Reservations, ScannedProduct, Stock, StockAdjustment, StockAlerts, StockMovements, StockStanding,
} from './market.ts';
export { MarketProtocol, ProductProtocol, StockProtocol } from './market-protocol.ts';
export type {
  AdjustStock, AgeLots, ChangeProduct, ConfigureMarket, CreateProduct, DeleteProduct, ExpireOrders, ImportLine, ImportProducts,
  ImportReply, MarketKey, OrderStock, ReadMarkets, ReadMovements, ReadProduct, ReadProducts, ReadReservations, ReleaseStock, ReplaceProduct,
  ReserveReply, ReserveStock, ScanCode, StockRefusal, StockReply,
} from './market-protocol.ts';
export { marketTermChanges } from './market-terms/market-terms.ts';
export type { MarketTerms } from './market-terms/market-terms.ts';
export { taxesOfLines } from './taxes.ts';
export type { LineTax, Taxes } from './taxes.ts';
export { Money } from './money.ts';
export { NewOrder, Order, OrderHistory, OrderLine, OrderList, OrderReason, OrderStatus } from './order.ts';
export { OrderProtocol } from './order-protocol.ts';
export type { CreateReply, ListOrders, OrderKey, PlaceOrder, PlaceReply } from './order-protocol.ts';
export { Pipeline, PipelineChange, PipelineFault, PipelineList, PipelineMetrics, PipelineSettings } from './pipeline.ts';
export { PipelineProtocol } from './pipeline-protocol.ts';
export type { ConfigureReply, PipelineKey, RedrivePipeline, RedriveReply, WatchPipeline, WatchReply } from './pipeline-protocol.ts';
export { isFulfilled } from './precondition.ts';
export type { Precondition } from './precondition.ts';
export { Problem } from './problem.ts';
export { codeKey, codeOf, normalCode } from './product/product-code.ts';
export { productFactChanges, productFacts } from './product/product-facts.ts';
export type { ProductFacts } from './product/product-facts.ts';
export { Unit, measured, stepsPerUnit } from './product/unit.ts';
export { MessageFailure } from './protocol/failures.ts';
export { checkHeader } from './protocol/header.ts';
export type { MessageHeader } from './protocol/header.ts';
export type { Immutable, ReadonlyFields } from './protocol/immutable.ts';
export { documentOf, message } from './protocol/message.ts';
export type { BodyOf, Message, ReplyOf, SentBody } from './protocol/message.ts';
export { addresseeOf, clientOf, messagesIn, protocol } from './protocol/protocol.ts';
export type { Addressee, ClientOf, KeyOf, MessagesOf, Protocol, ProtocolOf, ProtocolOptions, Send } from './protocol/protocol.ts';
export { PROTOCOLS, messageOfType } from './protocols.ts';
export { seedCatalogue } from './seed-catalogue.ts';
export type { SeedMarket, SeedProduct } from './seed-catalogue.ts';
export { ROUTERS, SHARDS, actorKey, actorOf, shardOf } from './shards.ts';
export type { ShardGroup } from './shards.ts';
export {
  ConfigureStrategy, LoadSource, LoadStrategy, RolloutRequest, SimulateRequest, Strategy, StrategyAudit, StrategyList, StrategyName,
  StrategySimulation, StrategyValidation, StrategyVersion, StrategyVersions,
} from './strategy.ts';
export { SandboxProtocol, StrategyProtocol } from './strategy-protocol.ts';
export type { RollOutStrategy, SimulateStrategy, StrategyKey, VersionMessage } from './strategy-protocol.ts';
export { GivenText } from './text.ts';
