import { BasketProtocol, PricesProtocol } from './basket-protocol.ts';
import { ConsumerProtocol } from './consumer-protocol.ts';
import { MarketProtocol, ProductProtocol, StockProtocol } from './market-protocol.ts';
import { OrderProtocol } from './order-protocol.ts';
import { PipelineProtocol } from './pipeline-protocol.ts';
import type { Message } from './protocol/message.ts';
import { messagesIn } from './protocol/protocol.ts';
import { SandboxProtocol, StrategyProtocol } from './strategy-protocol.ts';

/** All protocols by name. */
export const PROTOCOLS = {
  BasketProtocol, PricesProtocol, MarketProtocol, ProductProtocol, StockProtocol, OrderProtocol, StrategyProtocol, SandboxProtocol,
  ConsumerProtocol, PipelineProtocol,
} as const;

const MESSAGES: ReadonlyMap<string, Message> = new Map(
  Object.values(PROTOCOLS).flatMap(messagesIn).map((message) => [message.type, message]),
);

/** The message of a type such as `basket.change`; undefined for an unknown type. */
export function messageOfType(type: string): Message | undefined {
  return MESSAGES.get(type);
}
