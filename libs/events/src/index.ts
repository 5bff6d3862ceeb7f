export { KafkaBackbone } from './kafka/kafka-backbone.ts';
export type { KafkaBackboneOptions } from './kafka/kafka-backbone.ts';
export { Seals } from './backbone/seals.ts';
export { MemoryBackbone } from './backbone/memory-backbone.ts';
export type { MemoryBackboneOptions } from './backbone/memory-backbone.ts';
export { RedisBackbone } from './backbone/redis-backbone.ts';
export type { RedisBackboneOptions } from './backbone/redis-backbone.ts';
export type {
  Backbone, BackboneEvent, Entry, Publication, SubscribeOptions, Subscription,
} from './backbone/backbone.ts';
export type { Checkpoint, TopicPartition } from './consumer/checkpoint.repository.ts';
export { DeadLetters } from './consumer/dead-letters.repository.ts';
export type { Burial, DeadLetter, DeadLetterFilter, DeadLetterGroup } from './consumer/dead-letters.repository.ts';
export { forgetConsumer, knownConsumers } from './consumer/known-consumers.ts';
export type { KnownConsumer } from './consumer/known-consumers.ts';
export { EventConsumer } from './consumer/event-consumer.ts';
export type { EventConsumerOptions } from './consumer/event-consumer.ts';
export type {
  AnyEvent, ConsumerEvent, EventHandler, FailedEvent, ReceivedEvent,
} from './consumer/received-event.ts';
export type { ReaderOptions } from './consumer/partition-group.ts';
export { inboxRights, outboxRights, readerRights, tellerRights } from './event-rights.ts';
export { eventsSchema } from './events.migration.ts';
export { inboxMigrations } from './inbox/inbox.migration.ts';
export { InboxPruner } from './inbox/inbox-pruner.ts';
export type { InboxPrunerOptions } from './inbox/inbox-pruner.ts';
export { insertInbox } from './inbox/insert-inbox.ts';
export { insertOutbox } from './outbox/insert-outbox.ts';
export type { NewEvent, OutboxEvent } from './outbox/insert-outbox.ts';
export { outboxMigrations } from './outbox/outbox.migration.ts';
export type { OutboxDatabase } from './outbox/outbox.repository.ts';
export { OutboxRelay } from './outbox/outbox-relay.ts';
export type { OutboxRelayOptions, RelayEvent } from './outbox/outbox-relay.ts';
export { BackboneSource } from './pipeline/backbone.source.ts';
export type { BackboneSourceOptions } from './pipeline/backbone.source.ts';
export type { SqlClient } from './sql-client.ts';
export { BullmqWakeups } from './wakeups/bullmq-wakeups.ts';
export type { BullmqWakeupsOptions } from './wakeups/bullmq-wakeups.ts';
export { TimerWakeups } from './wakeups/timer-wakeups.ts';
export type { Due, Wakeups, WakeupsOptions } from './wakeups/wakeups.ts';
