import type { ChildSpec, MaybePromise } from '@aisle/supervision';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { RetryOptions } from '../dispatch/retries.ts';
import type { StageGroup } from '../dispatch/stage-group.ts';
import type { SubscribeOptions } from '../dispatch/subscription.ts';
import { consumer, type Consumer } from '../stage/consumer.ts';
import { gatherer } from '../stage/gatherer.ts';
import { producerConsumer } from '../stage/producer-consumer.ts';
import type { StageOptions } from '../stage/stage.ts';
import type { Window } from './window.ts';

/** One step for a whole batch. The builder knows the types. */
export type FlowStep = (events: readonly unknown[]) => readonly unknown[];

/** The reduction of each window. */
export interface Reduction {
  readonly window: Window;
  readonly init: () => unknown;
  readonly add: (heap: unknown, event: unknown) => unknown;
}

/** Equal stages. All steps run in one stage, one after another, without messages in between. */
export interface Layer {
  readonly stages: number;
  /** The key that chooses the stage of an event; without it, any stage with demand. */
  readonly by?: (event: unknown) => string | number;
  readonly steps: readonly FlowStep[];
  readonly reduction?: Reduction;
}

/** The groups above and below a layer, and the settings between them. */
export interface LayerPosition {
  readonly above: StageGroup;
  readonly below: StageGroup;
  /** The dispatcher that the layer below needs. */
  readonly dispatcher: Dispatcher<unknown>;
  /** True if a stage of this layer or below it holds events back. */
  readonly isHeld: boolean;
  readonly maxDemand: number | undefined;
  readonly retry: RetryOptions<unknown>;
  readonly options: Omit<StageOptions, 'id'>;
}

/** The dispatcher by which the stages above a layer pass events to it. */
export function dispatcherFor({ by, stages }: Layer): Dispatcher<unknown> {
  return by === undefined ? { kind: 'demand' } : { kind: 'partition', partitions: stages, by };
}

/** The stages of a layer that passes its results to another layer. */
export function stagesOf(layer: Layer, name: string, place: LayerPosition): ChildSpec[] {
  const { reduction } = layer;
  const steps = joined(layer.steps);
  return Array.from({ length: layer.stages }, (_, index) => {
    const { dispatcher, retry, below: group, options } = place;
    const subscribeTo = [subscription(layer, index, place)];
    const all = { ...options, id: `${name} ${index}`, subscribeTo, dispatcher, retry, group };
    if (reduction === undefined) return producerConsumer(() => ({ handleEvents: steps }), all);
    const { window, init, add } = reduction;
    const gathers = { prepare: steps, begin: init, add, finish: (heap: unknown) => [heap] };
    return gatherer(() => gathers, { ...all, ...window });
  });
}

/** The stages of the last layer. */
export function sinksOf(
  layer: Layer,
  sink: Consumer<unknown>,
  place: Omit<LayerPosition, 'below' | 'dispatcher'>,
): ChildSpec[] {
  const steps = joined(layer.steps);
  const handleEvents = (events: readonly unknown[]): MaybePromise<void> => {
    const left = steps(events);
    if (left.length > 0) return sink.handleEvents(left);
  };
  return Array.from({ length: layer.stages }, (_, index) => {
    const subscribeTo = [subscription(layer, index, place)];
    const options = { ...place.options, id: `sink ${index}`, subscribeTo };
    return consumer(() => ({ handleEvents, close: () => sink.close?.() }), options);
  });
}

function subscription(
  layer: Layer,
  partition: number,
  { above, isHeld, maxDemand }: Pick<LayerPosition, 'above' | 'isHeld' | 'maxDemand'>,
): SubscribeOptions<unknown> {
  return {
    to: above,
    ...(layer.by !== undefined && { partition }),
    ...(isHeld && { free: 'taken' as const }),
    ...(maxDemand !== undefined && { maxDemand }),
  };
}

function joined(steps: readonly FlowStep[]): FlowStep {
  const [only] = steps;
  if (only !== undefined && steps.length === 1) return only;
  return (events) => steps.reduce((left, step) => step(left), events);
}
