export {
  AddItem, Adjustment, Basket, BasketJournal, Batch, LIMITS, MergeBasket, Operation, Quote, QuoteRequest, SetLine,
} from './basket.ts';
export type { MergeMode } from './basket.ts';
export { CheckOut, CheckedOut } from './basket-checkout.ts';
export { BASKET_MESSAGES } from './basket-messages.ts';
export type {
  AbsorbBasket, AbsorbReply, BasketReply, ChangeBasket, CheckOutBasket, CheckoutReply, MergeIntoBasket, OpenBasket, OrderPricing,
  PriceOrder, PricedOrder, PricedProduct, QuoteItems, ReadJournal, RestoreBasket,
} from './basket-messages.ts';
export { Consumer, ConsumerList, ConsumerMessage, SendMessage, StartConsumer } from './consumer.ts';
export { CONSUMER_MESSAGES } from './consumer-messages.ts';
export type { ReadPage, SendReply, SendToConsumer, StartReply } from './consumer-messages.ts';
export { Currency } from './currency.ts';
export { Identifier } from './identifier.ts';
export { EVENTS, TOPICS } from './integration-event.ts';
export type { EventData, EventType, IntegrationEvent } from './integration-event.ts';
export {
  ImportProgress, MARKET_LIMITS, Market, MarketEdit, MarketList, NewProduct, Product, ProductChange, ProductEdit,
  ProductList, Reservations, Stock, StockAdjustment, StockAlerts, StockMovements, StockStanding,
} from './market.ts';
export type { ImportLine } from './market.ts';
export { MARKET_MESSAGES } from './market-messages.ts';
export type {
  AdjustStock, AgeLots, ChangeProduct, ConfigureMarket, CreateProduct, DeleteProduct, DocumentReply, ExpireOrders,
  ImportProducts, ImportReply, ReadMovements, ReadProduct, ReadProducts, ReadReservations, ReplaceProduct,
} from './market-messages.ts';
export { Money } from './money.ts';
export { NewOrder, Order, OrderHistory, OrderLine, OrderList, OrderReason, OrderStatus } from './order.ts';
export { ORDER_MESSAGES } from './order-messages.ts';
export type { CreateOrder, CreateReply, ListOrders, PlaceOrder, PlaceReply } from './order-messages.ts';
export { Pipeline, PipelineChange, PipelineFault, PipelineList, PipelineMetrics, PipelineSettings } from './pipeline.ts';
export { PIPELINE_MESSAGES } from './pipeline-messages.ts';
export type { ConfigurePipeline, ConfigureReply, RedrivePipeline, RedriveReply, WatchPipeline, WatchReply } from './pipeline-messages.ts';
export { isFulfilled } from './precondition.ts';
export type { Precondition } from './precondition.ts';
export { Problem } from './problem.ts';
export { queueOf } from './queues.ts';
export { seedCatalogue } from './seed-catalogue.ts';
export type { SeedMarket, SeedProduct } from './seed-catalogue.ts';
export { SHARDS, actorKey, actorOf, shardOf } from './shards.ts';
export type { ShardGroup } from './shards.ts';
export { STOCK_MESSAGES } from './stock-messages.ts';
export type {
  OrderStock, ReleaseStock, ReserveReply, ReserveStock, StockLine, StockRefusal, StockReply,
} from './stock-messages.ts';
export {
  ConfigureStrategy, LoadStrategy, RolloutRequest, SimulateRequest, Strategy, StrategyAudit, StrategyList, StrategyName,
  StrategySimulation, StrategyValidation, StrategyVersion, StrategyVersions,
} from './strategy.ts';
export type { LoadSource } from './strategy.ts';
export { SANDBOX_MESSAGES, STRATEGY_MESSAGES } from './strategy-messages.ts';
export type { RollBackStrategy, RollOutStrategy, VersionMessage } from './strategy-messages.ts';
export { GivenText } from './text.ts';
