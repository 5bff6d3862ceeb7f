import type { Pipeline, PipelineChange, PipelineSettings, WatchReply } from '@aisle/contracts';
import type { Pace } from '@aisle/pipeline';
import type { ClusterRegistry, Registry } from '@aisle/registry';
import { isFailure, type Runtime } from '@aisle/std';
import {
  genServer, ignore, noReply, ok, reply, stop, stopReply, type Context, type From, type Ref,
} from '@aisle/supervision';
import { NameFailure } from '../holder/named-servers.ts';
import type { Capacity } from './capacity.ts';
import type { PipelineCounters } from './pipeline-counters.ts';
import { PipelineFailure } from './pipeline-failures.ts';
import type { PipelineLetters } from './pipeline-letters.repository.ts';
import type { PipelineName, PipelineRepository } from './pipeline.repository.ts';
import type { ProcessMeter } from './process-meter.ts';
import { NO_FIGURES, PipelineRun } from './pipeline-run.ts';
import { Samples } from './samples.ts';

/** The messages of a pipeline's process. */
export interface PipelineProtocol {
  call: {
    read(): Pipeline;
    configure(command: { readonly change: PipelineChange; readonly commandId: string }): Pipeline;
    start(commandId: string): Pipeline;
    stop(commandId: string): Pipeline;
    watch(after: number | undefined): WatchReply;
    redrive(ids: readonly number[] | undefined): number;
    /** Deletes the pipeline, and frees its name. */
    remove(commandId: string): void;
  };
  info: 'tick';
  continue: 'take up';
}

/** The parts that all pipelines of a process share. */
export interface PipelineParts {
  /** The names that this process holds. */
  readonly localNames: Registry<PipelineProtocol, undefined>;
  /** The names of the whole group of processes. */
  readonly clusterNames: ClusterRegistry;
  readonly repository: PipelineRepository;
  readonly letters: PipelineLetters;
  readonly counters: PipelineCounters;
  readonly meter: ProcessMeter;
  /** The capacity of this process for running pipelines. */
  readonly capacity: Capacity<PipelineRun>;
  /** The pace of all pipelines, which leaves time for other work of the process. */
  readonly pace: Pace;
}

/** The arguments of a pipeline's process. */
export interface PipelineArguments extends PipelineParts, PipelineName {
  readonly key: string;
}

interface State extends PipelineArguments {
  readonly samples: Samples;
  readonly settings: PipelineSettings;
  /** Whether the pipeline is started. If it does not run then, this process has no capacity for it yet. */
  readonly shouldRun: boolean;
  /** The current or last run. */
  readonly run: PipelineRun | undefined;
  /** Ids of the latest commands. A repetition that arrives late must not undo later commands. */
  readonly doneCommands: readonly string[];
}

const TICK_MS = 1_000;
const SAMPLES_MAX = 60;
const DONE_MAX = 100;
/** A change is answered when it is done, or with its progress after this time. */
const PATIENCE_MS = 2_000;

/**
 * The process of one pipeline, with its settings, and its stages below it. Only one process of the group holds its name. A command is
 * answered after the store has the settings and whether the pipeline is started. So another process can continue if this one is
 * killed.
 */
export const PipelineServer = genServer<PipelineProtocol, State, PipelineArguments>({
  name: 'PipelineServer',
  // It has to drain its stages before it ends.
  trapExit: true,
  mailbox: { messagesMax: 1_000 },
  init(args, { self }) {
    // A request has started it before its supervisor could restart it.
    if (args.localNames.whereis(args.key)) return ignore;
    args.localNames.register(self, args.key, undefined);
    return ok(args as State, { continue: 'take up' });
  },
  async handleContinue(state, _what, ctx) {
    try {
      return noReply(await takeUp(state, ctx));
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      return stop({ shutdown: failure });
    }
  },
  handleCall: {
    read: (state, _nothing, _from, { runtime }) => reply(viewOf(state, runtime), state),
    watch: (state, after) => reply(state.samples.after(after), state),
    async redrive(state, ids) {
      const letters = await state.letters.redrive(state, ids);
      // Without a run, the marked letters wait for the next one.
      if (isRunning(state)) state.run?.redrive(letters);
      return reply(letters.length, state);
    },
    async configure(state, { change, commandId }, from, ctx) {
      if (state.doneCommands.includes(commandId)) return reply(viewOf(state, ctx.runtime), state);
      const settings: PipelineSettings = { ...state.settings, ...change };
      const running = state.run?.phase === 'running' ? state.run : undefined;
      if (running) state.capacity.check(settings, running);
      else state.capacity.checkAlone(settings);
      await save(state, { settings, running: state.shouldRun });
      if (running) state.capacity.take(running, settings);
      const next = { ...state, settings, doneCommands: doneIn(state, commandId) };
      return answerLater(next, running ? running.configure(settings) : Promise.resolve(), from, ctx);
    },
    async start(state, commandId, _from, ctx) {
      if (isRunning(state) || state.doneCommands.includes(commandId)) return reply(viewOf(state, ctx.runtime), state);
      if (state.run?.phase === 'draining') throw PipelineFailure.draining();
      const run = await startRun(state, ctx, () => save(state, { settings: state.settings, running: true }));
      const next = { ...state, run, shouldRun: true, doneCommands: doneIn(state, commandId) };
      return reply(sampled(next, ctx.runtime), next);
    },
    async stop(state, commandId, from, ctx) {
      const isDone = state.doneCommands.includes(commandId);
      // A repetition of this command: the first one is answered when the pipeline has drained.
      if (isDone && isRunning(state)) return reply(viewOf(state, ctx.runtime), state);
      if (!isDone) await save(state, { settings: state.settings, running: false });
      return answerLater({ ...state, shouldRun: false, doneCommands: doneIn(state, commandId) }, drained(state), from, ctx);
    },
    async remove(state, commandId, _from, { runtime }) {
      if (state.shouldRun) throw PipelineFailure.running();
      if (state.run?.phase === 'draining') throw PipelineFailure.draining();
      if (!state.clusterNames.holds(state.key)) throw NameFailure.moving();
      await state.repository.remove(state, commandId, runtime.clock.nowMs());
      return stopReply('normal', undefined, state);
    },
  },
  async handleInfo(state, message, ctx) {
    if (message === 'tick') {
      const next = await resumed(state, ctx);
      if (next.run && next.run.phase !== 'over') sampled(next, ctx.runtime);
      return noReply(next);
    }
    if (message.type !== 'exit') return noReply(state);
    const isExpected = message.from === state.run?.tree && state.run?.phase !== 'running';
    // Otherwise its stages have ended, or it has lost its name. The next process of the pipeline starts the stages again.
    return isExpected ? noReply(state) : stop(message.reason);
  },
  async terminate(_reason, state) {
    await drained(state);
  },
});

async function takeUp(state: State, ctx: Context): Promise<State> {
  const { key, name, clusterNames, repository } = state;
  if (!(await repository.find(state))) throw PipelineFailure.missing(name);
  await clusterNames.register(ctx.self, key, null);
  const record = await repository.find(state);
  if (!record) throw PipelineFailure.missing(name);
  ctx.sendEvery(TICK_MS, 'tick');
  const { settings, running: shouldRun } = record;
  const next = await resumed({ ...state, settings, shouldRun, samples: new Samples(SAMPLES_MAX), run: undefined, doneCommands: [] }, ctx);
  sampled(next, ctx.runtime);
  return next;
}

/** Starts a run if the pipeline should run and does not, and the process has capacity for it. */
async function resumed(state: State, ctx: Context): Promise<State> {
  if (!state.shouldRun || (state.run && state.run.phase !== 'over')) return state;
  try {
    return { ...state, run: await startRun(state, ctx) };
  } catch (failure) {
    if (isFailure(failure) && NO_ROOM.has(failure.code)) return state;
    throw failure;
  }
}

const NO_ROOM = new Set(['pipelines.full', 'pipeline.too_big']);

/** Starts a run if there is capacity for it, after `before` is done. Throws `PipelineFailure.tooBig` or `PipelineFailure.full`. */
async function startRun(state: State, ctx: Context, before: () => Promise<void> = async () => undefined): Promise<PipelineRun> {
  const { settings, name, counters, capacity, pace, letters } = state;
  const which = { tenant: state.tenant, name };
  const run = new PipelineRun(settings, { runtime: ctx.runtime, pace, hooks: counters.hooks(name), which, letters });
  capacity.check(settings, run);
  capacity.take(run, settings);
  try {
    await before();
    run.redrive(await letters.redriven(which));
    run.tree = (await ctx.startLink(run.childSpec())) as Ref;
  } catch (error) {
    capacity.release(run);
    throw error;
  }
  void run.tree.whenDown().then(() => capacity.release(run));
  return run;
}

/** Drains the run, and resolves once its stages have ended. */
async function drained({ run }: State): Promise<void> {
  if (!run?.tree) return;
  if (run.phase === 'running') {
    run.phase = 'draining';
    if (run.tree.alive) void run.tree.stop('shutdown', 'infinity');
  }
  await run.tree.whenDown();
  run.phase = 'over';
}

/** Saves the settings, if this process still holds the name. Throws `NameFailure.moving`. */
async function save(state: State, record: { settings: PipelineSettings; running: boolean }): Promise<void> {
  if (!state.clusterNames.holds(state.key)) throw NameFailure.moving();
  await state.repository.save(state, record);
}

function answerLater<S extends State>(state: S, done: Promise<void>, from: From<Pipeline>, { runtime }: Context) {
  const patience = new Promise<void>((resolve) => {
    const timer = runtime.timers.after(PATIENCE_MS, resolve);
    void done.finally(() => timer.cancel()).catch(() => undefined);
  });
  const shown = Promise.race([done, patience]).then(() => sampled(state, runtime));
  shown.then((view) => from.reply(view), (failure: unknown) => from.fail(failure));
  return noReply(state);
}

function doneIn({ doneCommands }: State, commandId: string): readonly string[] {
  return [...doneCommands, commandId].slice(-DONE_MAX);
}

function isRunning({ run }: State): boolean {
  return run?.phase === 'running';
}

/** Takes a sample for watchers, and returns the current view. */
function sampled(state: State, runtime: Runtime): Pipeline {
  const view = viewOf(state, runtime);
  state.samples.add(runtime.clock.nowMs(), view);
  return view;
}

function viewOf(state: State, { clock }: Runtime): Pipeline {
  const { name, settings, run, meter } = state;
  return {
    name, ...settings, running: isRunning(state),
    metrics: {
      at: new Date(clock.nowMs()).toISOString(),
      since: run ? new Date(run.startedAtMs).toISOString() : null,
      ...(run?.figures ?? NO_FIGURES),
      process: meter.figures,
    },
  };
}

