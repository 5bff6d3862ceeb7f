import { DynamicSupervisor, StateKeeper, Supervisor, type ChildSpec, type SupervisorTree } from '@aisle/supervision';

/**
 * The processes of a producer-consumer. The keeper first: it has the history of a consumer while that is
 * started again, and without it they all begin anew. Below DynamicConsumerSupervisor: a ConsumerServer a name; below
 * DynamicPipelineSupervisor: a PipelineServer a name, and its stages below that (transient: a crash starts it again,
 * an end in order leaves its name to whoever is asked for it next).
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
// Names share it, and one that crashes again and again must not take the others with it too soon.
const RESTARTS_MAX = 100;
const PIPELINES_MAX = 100;
