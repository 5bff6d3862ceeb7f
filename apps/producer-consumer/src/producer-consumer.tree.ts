import { DynamicSupervisor, StateKeeper, Supervisor, type ChildSpec, type SupervisorTree } from '@aisle/supervision';

/**
 * The supervision tree of a producer-consumer. StateKeeper is first, because it has the history of a consumer during a restart; if it
 * crashes, all consumers restart without their histories.
 *
 * DynamicConsumerSupervisor has one ConsumerServer per name. DynamicPipelineSupervisor has one PipelineServer per name, with its
 * stages below it. These servers are transient: a crash restarts them, and after a normal end the next request starts them anywhere.
 */
export function producerConsumerTree(consumersMax: number): ChildSpec {
  const tree: SupervisorTree = {
    strategy: 'rest_for_one',
    children: [
      StateKeeper.childSpec({ entriesMax: consumersMax }, { id: STATE_KEEPER }),
      DynamicSupervisor.childSpec(
        { maxChildren: consumersMax, maxRestarts: RESTARTS_MAX }, { id: DYNAMIC_CONSUMER_SUPERVISOR },
      ),
      DynamicSupervisor.childSpec(
        { maxChildren: PIPELINES_MAX, maxRestarts: RESTARTS_MAX }, { id: DYNAMIC_PIPELINE_SUPERVISOR },
      ),
    ],
  };
  return Supervisor.childSpec(tree, { id: 'ProducerConsumer' });
}

export const STATE_KEEPER = 'StateKeeper';
export const DYNAMIC_CONSUMER_SUPERVISOR = 'DynamicConsumerSupervisor';
export const DYNAMIC_PIPELINE_SUPERVISOR = 'DynamicPipelineSupervisor';
// All names share this limit, and one that crashes repeatedly must not end the others too soon.
const RESTARTS_MAX = 100;
const PIPELINES_MAX = 100;
