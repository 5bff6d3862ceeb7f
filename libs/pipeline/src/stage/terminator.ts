import { checkDuration, checkFunction, checkOptions } from '@aisle/std';
import { genServer, isAbnormal, noReply, ok, type Address, type ChildSpec } from '@aisle/supervision';
import { drain } from './producer.ts';
import type { ProducerProtocol } from './stage.ts';

/** The producers that a terminator drains, and its time limit. */
export interface TerminatorOptions {
  /** `terminator` by default. */
  readonly id?: string;
  readonly producers?: readonly Address<ProducerProtocol>[];
  /** More that must run dry, such as `pipeline.drain`. */
  readonly drain?: () => Promise<unknown>;
  /** After this time the rest of the tree ends all the same; 30,000 ms by default. */
  readonly drainMs?: number;
}

const DRAIN_MS = 30_000;

const server = genServer<Record<never, never>, TerminatorOptions, TerminatorOptions>({
  name: 'terminator',
  trapExit: true,
  init: (options) => ok(options),
  handleInfo: (options) => noReply(options),
  // Children end from last to first, so all stages still work while this one waits.
  terminate: async (reason, { producers = [], drain: more }, ctx) => {
    const { ancestors } = ctx;
    // Killed from above: nobody waits for the end, and a successor may have started.
    if (isAbnormal(reason) || ancestors.some(({ alive }) => !alive)) return;
    const dry = Promise.allSettled([...producers.map((stage) => drain(stage)), more?.()]);
    await Promise.race([dry, ...ancestors.map((ancestor) => ancestor.whenDown())]);
  },
});

/** The last child of a pipeline's tree. When the tree is asked to end, it first lets the pipeline run dry. */
export function terminator(options: TerminatorOptions): ChildSpec {
  const { id = 'terminator', drainMs = DRAIN_MS } = checkOptions('the options', options);
  checkDuration('drainMs', drainMs);
  if (options.drain !== undefined) checkFunction('drain', options.drain);
  return server.childSpec(options, { id, shutdown: drainMs });
}
