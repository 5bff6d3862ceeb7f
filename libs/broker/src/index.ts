export { ask, clientTo } from './ask.ts';
export type { Call } from './ask.ts';
export { decodeBody, encodeBody } from './envelope.ts';
export type { Envelope, EnvelopeHeader } from './envelope.ts';
export { BrokerFailure, RemoteCrash } from './failures.ts';
export { FrameReceiver } from './frame-receiver.ts';
export type { ReceiverDrops, FrameReceiverOptions } from './frame-receiver.ts';
export { FrameSender } from './frame-sender.ts';
export type { FrameSenderOptions } from './frame-sender.ts';
export { ReadLane } from './read-lane.ts';
export type { ReadLaneOptions } from './read-lane.ts';
export { reply } from './reply.ts';
export type { ReplyOutcome } from './reply.ts';
export { Requester } from './requester.ts';
export type { RequesterOptions, RequestHeader } from './requester.ts';
export { createMemoryTransport } from './transports/memory-transport.ts';
export type { MemoryTransportOptions } from './transports/memory-transport.ts';
export { connectRedis } from './transports/redis-connection.ts';
export type {
  RedisConnectionEvent, RedisConnectionOptions, TransportEvent,
} from './transports/redis-connection.ts';
export { createRedisTransport } from './transports/redis-transport.ts';
export type { RedisTransportOptions } from './transports/redis-transport.ts';
export type { ConsumeOptions, Consumer, OnFrame, Transport } from './transports/transport.ts';
