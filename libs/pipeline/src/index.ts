export { consumer } from './stage/consumer.ts';
export type { Consumer, ConsumerOptions } from './stage/consumer.ts';
export { drain, ended, finished, producer } from './stage/producer.ts';
export type { Producer, ProducerOptions } from './stage/producer.ts';
export { producerConsumer } from './stage/producer-consumer.ts';
export type { ProducerConsumer, ProducerConsumerOptions } from './stage/producer-consumer.ts';
export { PipelineEnded, PipelineFailure } from './failures.ts';
export type { Ending } from './stage/handover.ts';
export { from } from './flow/flow.ts';
export type { FlowBuilder, FlowOptions, FlowPipeline, FlowWindow, Sink } from './flow/flow.ts';
export { tumbling } from './flow/window.ts';
export type { Window } from './flow/window.ts';

export { iterable } from './source/iterable.source.ts';
export { limited } from './source/limited.source.ts';
export { MemorySource } from './source/memory.source.ts';
export { Pace } from './source/pace.ts';
export type { PaceOptions } from './source/pace.ts';
export { RateLimit } from './source/rate-limit.ts';
export { rate } from './source/rate.source.ts';
export type { OpenSource, Source, SourceContext } from './source/source.ts';

export { Pipeline } from './pipeline/pipeline.ts';
export type { PipelineStats } from './pipeline/pipeline.ts';
export { each } from './pipeline/options.ts';
export type { BatcherOptions, PipelineHooks, PipelineOptions, PipelineShape } from './pipeline/options.ts';
export type { Latency } from './pipeline/meter.ts';

export { WorkerLost } from './workers/worker-thread.ts';
export { WorkerPool } from './workers/worker-pool.ts';
export type { WorkerPoolOptions } from './workers/worker-pool.ts';

export { terminator } from './stage/terminator.ts';
export type { TerminatorOptions } from './stage/terminator.ts';
export { Faults, InjectedCrash } from './stage/faults.ts';
export type { Fault } from './stage/faults.ts';
export type {
  OutletOptions, OutletProtocol, ProducerProtocol, StageContext, StageOptions, StageProtocol,
} from './stage/stage.ts';

export type { Dispatcher } from './dispatch/dispatcher.ts';
export type { OutletCounts } from './dispatch/outlet.ts';
export type { RetryOptions } from './dispatch/retries.ts';
export { StageGroup } from './dispatch/stage-group.ts';
export type { CancelMode, SubscribeOptions } from './dispatch/subscription.ts';
