// The thread for scripts. It processes batches with one context per version, and counts every step where the host sees
// it. A step that does not end is ended together with the thread. Task 0 is the thread's own work.
import { parentPort, workerData } from 'node:worker_threads';
import { readAnswers } from './answers.ts';
import { ScriptInstance } from './script-instance.ts';
import { LIMITS } from './limits.ts';
import { encode } from './parts.ts';
import { ROW_LENGTH } from './prelude.ts';
import { ScriptFault } from './script-fault.ts';
import type { Batch, Call, Part, Report, ScriptCode, Task, WorkerSeed } from './messages.ts';

/** The number of calls after which answers leave, although more of the batch is to be done. */
const REPORT_CALLS = 128;
/** The number of spare instances without a script. */
const BLANKS_MAX = 2;

const { wasm, beat } = workerData as WorkerSeed;
const scripts = new Map<string, ScriptCode>();
const instances = new Map<string, ScriptInstance>();
const blanks: ScriptInstance[] = [];
/** Instances whose scripts are done. */
let left: ScriptInstance[] = [];
/** The changes of targets' nets by answers of the present round. */
const changes = new Map<number, number>();
let round = 0;

function step(at: number): void {
  Atomics.store(beat, 1, at);
  Atomics.add(beat, 0, 1);
}

async function instanceOf(task: Task): Promise<ScriptInstance> {
  const { sha256, script } = task;
  if (script) scripts.set(sha256, script);
  const known = instances.get(sha256);
  if (known) return known;
  const instance = await blankCell(task.at);
  instance.load(scripts.get(sha256) as ScriptCode);
  instances.set(sha256, instance);
  return instance;
}

/** An instance without a script. Its slow creation is our own work, so the script's step begins afterwards. */
async function blankCell(at: number): Promise<ScriptInstance> {
  Atomics.store(beat, 1, 0);
  const instance = blanks.pop() ?? await ScriptInstance.open(wasm);
  step(at);
  return instance;
}

async function perform(task: Task): Promise<Part[]> {
  if (task.round !== round) changes.clear();
  round = task.round;
  const calls = task.calls.map(followed);
  try {
    const parts: Part[] = [];
    for (const call of calls) parts.push(await answersTo(task, call));
    return parts;
  } catch (thrown) {
    if (countOf(calls) <= 1) return [faultOf(thrown, calls)];
    return singly(task, calls.flatMap(single));
  }
}

/**
 * A call is a step. A context that breaks is dropped. Data that earlier answers left in its memory is not the fault of
 * this call.
 */
async function answersTo(task: Task, call: Call): Promise<Part> {
  const { at, sha256 } = task;
  step(at);
  const known = instances.get(sha256);
  try {
    const instance = await instanceOf(task);
    step(at);
    return answersOf(instance, call);
  } catch (thrown) {
    instances.delete(sha256);
    const isOwn = !known?.isUsed || !(thrown instanceof ScriptFault && thrown.code === 'memory');
    if (isOwn) throw thrown;
    return answersTo(task, call);
  }
}

/** Reads a script, or tries its calls up to the first that breaks the context. */
async function performFresh({ at, script, calls }: Task): Promise<Part[]> {
  const parts: Part[] = [];
  try {
    const instance = await blankCell(at);
    instance.limit(LIMITS.trialTicks);
    if (calls.length === 0) return [metaOf(instance, script as ScriptCode)];
    instance.load(script as ScriptCode);
    for (const call of calls) {
      step(at);
      parts.push(answersOf(instance, call));
    }
    left.push(instance);
    return parts;
  } catch (thrown) {
    return [...parts, faultOf(thrown, calls.slice(parts.length))];
  }
}

/** One input per step, each with its own budget, up to the first that breaks its context. */
async function singly(task: Task, calls: readonly Call[]): Promise<Part[]> {
  const parts: Part[] = [];
  try {
    for (const call of calls) parts.push(await answersTo(task, call));
    return parts;
  } catch (thrown) {
    return [...parts, faultOf(thrown, calls.slice(parts.length))];
  }
}

function single({ ctx, inputs, netsMinor, targets }: Call): Call[] {
  const values = JSON.parse(inputs) as unknown[];
  return Array.from(netsMinor, (netMinor, index) => {
    const row = values.slice(index * ROW_LENGTH, (index + 1) * ROW_LENGTH);
    const targeted = targets?.slice(index, index + 1);
    return { ctx, inputs: JSON.stringify(row), netsMinor: Float64Array.of(netMinor), targets: targeted };
  });
}

/** The call with the net amounts after the earlier answers of its round. */
function followed(call: Call): Call {
  const { netsMinor, targets } = call;
  if (targets === undefined || changes.size === 0) return call;
  const nets = netsMinor.map((netMinor, index) =>
    Math.max(0, netMinor + (changes.get(targets[index] as number) ?? 0)));
  return { ...call, netsMinor: nets };
}

function answersOf(instance: ScriptInstance, call: Call): Part {
  const { netsMinor, targets } = call;
  const answers = readAnswers(instance.price(call), netsMinor, instance.terms);
  const part = { ...encode(answers), netsMinor: targets && netsMinor };
  if (targets === undefined || instance.isOneOfGroup) return part;
  answers.forEach((answer, index) => {
    if (answer instanceof ScriptFault || answer.amountMinor === 0) return;
    const target = targets[index] as number;
    const appliedMinor = Math.max(answer.amountMinor, -(netsMinor[index] as number));
    changes.set(target, (changes.get(target) ?? 0) + appliedMinor);
  });
  return part;
}

function metaOf(instance: ScriptInstance, { code }: ScriptCode): Part {
  const meta = instance.describe(code);
  left.push(instance);
  return { count: 1, words: [meta], numbers: new Float64Array() };
}

function countOf(calls: readonly Call[]): number {
  return calls.reduce((sum, { netsMinor }) => sum + netsMinor.length, 0);
}

function faultOf(thrown: unknown, calls: readonly Call[]): Part {
  const { code, text } = thrown instanceof ScriptFault ? thrown : new ScriptFault('memory');
  const netsMinor = Float64Array.from(calls.flatMap((call) => [...call.netsMinor]));
  return { count: countOf(calls), netsMinor, fault: code, text };
}

function report(answers: Report['answers'], idle: boolean): void {
  parentPort?.postMessage({ answers, idle } satisfies Report);
}

async function work({ drop: gone, tasks }: Batch): Promise<void> {
  for (const sha256 of gone) {
    const instance = instances.get(sha256);
    if (instance) left.push(instance);
    instances.delete(sha256);
    scripts.delete(sha256);
  }
  let answers: Report['answers'][number][] = [];
  let calls = 0;
  for (const task of tasks) {
    answers.push({ at: task.at, parts: await (task.fresh ? performFresh(task) : perform(task)) });
    calls += countOf(task.calls);
    if (calls < REPORT_CALLS) continue;
    report(answers, false);
    answers = [];
    calls = 0;
  }
  Atomics.store(beat, 1, 0);
  report(answers, true);
  // While nobody waits for it.
  for (const instance of left) if (blanks.length < BLANKS_MAX && instance.wipe()) blanks.push(instance);
  left = [];
}

let last = Promise.resolve();
parentPort?.on('message', (batch: Batch) => {
  last = last.then(() => work(batch));
});
// The first instance is by far the slowest, so open it before any basket needs it.
blanks.push(await ScriptInstance.open(wasm));
report([], true);
