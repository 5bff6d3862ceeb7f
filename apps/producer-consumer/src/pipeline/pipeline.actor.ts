import type { ClusterRegistry } from '@aisle/cluster';
import type { Pipeline, PipelineSettings, WatchReply } from '@aisle/contracts';
import type { Registry } from '@aisle/registry';
import { isFailure, sleep, type Runtime } from '@aisle/std';
import {
  genServer, ignore, noReply, ok, reply, stop, type Context, type From, type Ref,
} from '@aisle/supervision';
import { ServerMoving } from '../holder/named-servers.ts';
import type { PipelineCounters } from './pipeline-counters.ts';
import { PipelineDraining, PipelineMissing } from './pipeline-failures.ts';
import type { PipelineName, PipelineRepository } from './pipeline.repository.ts';
import type { ProcessMeter } from './process-meter.ts';
import { NO_FIGURES, Run } from './run.ts';
import { Samples } from './samples.ts';

/** A pipeline's messages. */
export interface PipelineProtocol {
  call: {
    read(): Pipeline;
    configure(change: { readonly settings: PipelineSettings; readonly commandId: string }): Pipeline;
    start(commandId: string): Pipeline;
    stop(commandId: string): Pipeline;
    watch(after: number | undefined): WatchReply;
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
  readonly counters: PipelineCounters;
  readonly meter: ProcessMeter;
}

export interface PipelineArguments extends PipelineParts, PipelineName {
  readonly key: string;
}

interface State extends PipelineArguments {
  readonly samples: Samples;
  readonly settings: PipelineSettings;
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
    async configure(state, { settings, commandId }, from, ctx) {
      if (state.done.includes(commandId)) return reply(viewOf(state, ctx.runtime), state);
      await save(state, { settings, running: isRunning(state) });
      const next = { ...state, settings, done: doneIn(state, commandId) };
      const done = state.run?.phase === 'running' ? state.run.configure(settings) : Promise.resolve();
      return answerLater(next, done, from, ctx);
    },
    async start(state, commandId, _from, ctx) {
      if (isRunning(state) || state.done.includes(commandId)) return reply(viewOf(state, ctx.runtime), state);
      if (state.run?.phase === 'draining') throw new PipelineDraining();
      await save(state, { settings: state.settings, running: true });
      const next = { ...state, run: await startRun(state, ctx), done: doneIn(state, commandId) };
      return reply(sampled(next, ctx.runtime), next);
    },
    async stop(state, commandId, from, ctx) {
      const isDone = state.done.includes(commandId);
      // Its first answer is still to come, and comes when it has run dry.
      if (isDone && isRunning(state)) return reply(viewOf(state, ctx.runtime), state);
      if (!isDone) await save(state, { settings: state.settings, running: false });
      return answerLater({ ...state, done: doneIn(state, commandId) }, drained(state), from, ctx);
    },
  },
  handleInfo(state, message, { runtime }) {
    if (message === 'tick') {
      if (state.run && state.run.phase !== 'over') sampled(state, runtime);
      return noReply(state);
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
  if (!(await repository.find(state))) throw new PipelineMissing(name);
  await everywhere.register(ctx.self, key, null);
  const record = await repository.find(state);
  if (!record) throw new PipelineMissing(name);
  ctx.sendEvery(TICK_MS, 'tick');
  const loaded = { ...state, settings: record.settings, samples: new Samples(SAMPLES_MAX), run: undefined, done: [] };
  const next = record.running ? { ...loaded, run: await startRun(loaded, ctx) } : loaded;
  sampled(next, ctx.runtime);
  return next;
}

async function startRun({ settings, name, counters }: State, ctx: Context): Promise<Run> {
  const run = new Run(settings, ctx.runtime, counters.hooks(name));
  run.tree = (await ctx.startLink(run.childSpec())) as Ref;
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
  if (!state.everywhere.holds(state.key)) throw new ServerMoving();
  await state.repository.save(state, record);
}

function answerLater<S extends State>(state: S, done: Promise<void>, from: From<Pipeline>, { runtime }: Context) {
  const shown = Promise.race([done, sleep(runtime, PATIENCE_MS)]).then(() => sampled(state, runtime));
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

