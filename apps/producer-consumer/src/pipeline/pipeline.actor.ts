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
import { NO_FIGURES, Run } from './run.ts';
import { Samples } from './samples.ts';

/** A pipeline's messages. */
export interface PipelineProtocol {
  call: {
    read(): Pipeline;
    configure(command: { readonly change: PipelineChange; readonly commandId: string }): Pipeline;
    start(commandId: string): Pipeline;
    stop(commandId: string): Pipeline;
    watch(after: number | undefined): WatchReply;
    redrive(ids: readonly number[] | undefined): number;
    /** Ends the pipeline for good: its name is free. */
    remove(commandId: string): void;
  };
  info: 'tick';
  continue: 'take up';
}

/** What all pipelines of a process share. */
export interface PipelineParts {
  /** The names that are borne in this process. */
  readonly here: Registry<PipelineProtocol, undefined>;
  /** The same names in the whole group. */
  readonly everywhere: ClusterRegistry;
  readonly repository: PipelineRepository;
  readonly letters: PipelineLetters;
  readonly counters: PipelineCounters;
  readonly meter: ProcessMeter;
  /** What may run in this process. */
  readonly capacity: Capacity<Run>;
  /** At which all of it runs. */
  readonly pace: Pace;
}

export interface PipelineArguments extends PipelineParts, PipelineName {
  readonly key: string;
}

interface State extends PipelineArguments {
  readonly samples: Samples;
  readonly settings: PipelineSettings;
  /** It is to run. Where it does not, this process has no room for it yet. */
  readonly isWanted: boolean;
  /** The run that is, or was last. */
  readonly run: Run | undefined;
  /** Commands that were carried out: what comes late, and for the second time, must not undo what came after it. */
  readonly done: readonly string[];
}

const TICK_MS = 1_000;
const SAMPLES_MAX = 60;
const DONE_MAX = 100;
/** A change is answered when it is done, or as far as it has come by then. */
const PATIENCE_MS = 2_000;

/**
 * One pipeline: what it is set to, and its stages below it. Its name is its own in the whole group. Its settings, and
 * whether it is to run, are in the store before they are answered: when its process is killed, another one goes on.
 */
export const PipelineServer = genServer<PipelineProtocol, State, PipelineArguments>({
  name: 'PipelineServer',
  // So that its stages run dry before it ends.
  trapExit: true,
  mailbox: { messagesMax: 1_000 },
  init(args, { self }) {
    // Somebody asked for it before its supervisor came to start it again.
    if (args.here.whereis(args.key)) return ignore;
    args.here.register(self, args.key, undefined);
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
      // Without a run they wait for the next one.
      if (isRunning(state)) state.run?.redrive(letters);
      return reply(letters.length, state);
    },
    async configure(state, { change, commandId }, from, ctx) {
      if (state.done.includes(commandId)) return reply(viewOf(state, ctx.runtime), state);
      const settings: PipelineSettings = { ...state.settings, ...change };
      const running = state.run?.phase === 'running' ? state.run : undefined;
      if (running) state.capacity.check(settings, running);
      else state.capacity.checkAlone(settings);
      await save(state, { settings, running: state.isWanted });
      if (running) state.capacity.take(running, settings);
      const next = { ...state, settings, done: doneIn(state, commandId) };
      return answerLater(next, running ? running.configure(settings) : Promise.resolve(), from, ctx);
    },
    async start(state, commandId, _from, ctx) {
      if (isRunning(state) || state.done.includes(commandId)) return reply(viewOf(state, ctx.runtime), state);
      if (state.run?.phase === 'draining') throw PipelineFailure.draining();
      const run = await startRun(state, ctx, () => save(state, { settings: state.settings, running: true }));
      const next = { ...state, run, isWanted: true, done: doneIn(state, commandId) };
      return reply(sampled(next, ctx.runtime), next);
    },
    async stop(state, commandId, from, ctx) {
      const isDone = state.done.includes(commandId);
      // Its first answer is still to come, and comes when it has run dry.
      if (isDone && isRunning(state)) return reply(viewOf(state, ctx.runtime), state);
      if (!isDone) await save(state, { settings: state.settings, running: false });
      return answerLater({ ...state, isWanted: false, done: doneIn(state, commandId) }, drained(state), from, ctx);
    },
    async remove(state, commandId, _from, { runtime }) {
      if (state.isWanted) throw PipelineFailure.running();
      if (state.run?.phase === 'draining') throw PipelineFailure.draining();
      if (!state.everywhere.holds(state.key)) throw NameFailure.moving();
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
    const isAsked = message.from === state.run?.tree && state.run?.phase !== 'running';
    // Else its stages are gone, or its name: whoever takes the pipeline up starts them anew.
    return isAsked ? noReply(state) : stop(message.reason);
  },
  async terminate(_reason, state) {
    await drained(state);
  },
});

async function takeUp(state: State, ctx: Context): Promise<State> {
  const { key, name, everywhere, repository } = state;
  if (!(await repository.find(state))) throw PipelineFailure.missing(name);
  await everywhere.register(ctx.self, key, null);
  const record = await repository.find(state);
  if (!record) throw PipelineFailure.missing(name);
  ctx.sendEvery(TICK_MS, 'tick');
  const { settings, running: isWanted } = record;
  const next = await resumed({ ...state, settings, isWanted, samples: new Samples(SAMPLES_MAX), run: undefined, done: [] }, ctx);
  sampled(next, ctx.runtime);
  return next;
}

/** Lets it run if it is to run and does not, and there is room for it. */
async function resumed(state: State, ctx: Context): Promise<State> {
  if (!state.isWanted || (state.run && state.run.phase !== 'over')) return state;
  try {
    return { ...state, run: await startRun(state, ctx) };
  } catch (failure) {
    if (isFailure(failure) && NO_ROOM.has(failure.code)) return state;
    throw failure;
  }
}

const NO_ROOM = new Set(['pipelines.full', 'pipeline.too_big']);

/** Starts a run once there is room for it, and `before` is done. */
async function startRun(state: State, ctx: Context, before: () => Promise<void> = async () => undefined): Promise<Run> {
  const { settings, name, counters, capacity, pace, letters } = state;
  const which = { tenant: state.tenant, name };
  const run = new Run(settings, { runtime: ctx.runtime, pace, hooks: counters.hooks(name), which, letters });
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

/** Resolves once the stages have run dry and ended. */
async function drained({ run }: State): Promise<void> {
  if (!run?.tree) return;
  if (run.phase === 'running') {
    run.phase = 'draining';
    if (run.tree.alive) void run.tree.stop('shutdown', 'infinity');
  }
  await run.tree.whenDown();
  run.phase = 'over';
}

/** Only who bears the name has a say. */
async function save(state: State, record: { settings: PipelineSettings; running: boolean }): Promise<void> {
  if (!state.everywhere.holds(state.key)) throw NameFailure.moving();
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

function doneIn({ done }: State, commandId: string): readonly string[] {
  return [...done, commandId].slice(-DONE_MAX);
}

function isRunning({ run }: State): boolean {
  return run?.phase === 'running';
}

/** How it is at this moment, for watchers too. */
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

