// The thread for scripts. It processes batches with one realm per version, and counts every step where the host sees
// it. A step that does not end is ended together with the thread. Task 0 is the thread's own work.
//
// Scripts share machines. Any fault there ends the machine, and the script is asked again in a memory of its own, from
// then on. So only its own limits count, and it is blamed for nothing that another script did.
import { parentPort, workerData } from 'node:worker_threads';
import { readAnswers } from './answers.ts';
import { LIMITS } from './limits.ts';
import { ROW_LENGTH } from './prelude.ts';
import { ScriptFault } from './script-fault.ts';
import { SharedMachines } from './shared-machines.ts';
import { Template } from './template.ts';
import { decodeTasks, encodeReports } from './wire.ts';
import type { Batch, Call, Part, Report, ScriptCode, Task, TaskReport, WorkerSeed } from './messages.ts';
import type { ScriptRealm } from './script-realm.ts';

/** The number of calls after which answers leave, although more of the batch is to be done. */
const REPORT_CALLS = 128;
/** The number of spare memories without a script. */
const BLANKS_MAX = 2;

const { wasm, beat, seat } = workerData as WorkerSeed;
const scripts = new Map<number, ScriptCode>();
/** Scripts that have a memory of their own, with their realm if there is one. */
const apart = new Map<number, ScriptRealm | undefined>();
/** Memories for a single script. */
const alone = await Template.make(wasm, LIMITS.memoryPages, 1);
const machines = seat && await SharedMachines.open(wasm, seat);
const blanks: ScriptRealm[] = [];
/** Realms in memories of their own whose scripts are done. */
let left: ScriptRealm[] = [];
/** The changes of targets' nets by answers of the present round. */
const changes = new Map<number, number>();
let round = 0;

function step(at: number): void {
  Atomics.store(beat, 1, at);
  Atomics.add(beat, 0, 1);
}

function codeOf({ script }: Task): ScriptCode {
  return scripts.get(script) as ScriptCode;
}

/** The realm among others; undefined if the script has to be asked in a memory of its own. */
async function sharedRealmOf(task: Task): Promise<ScriptRealm | undefined> {
  if (machines === undefined || apart.has(task.script)) return undefined;
  const known = machines.get(task.script);
  if (known) return known;
  Atomics.store(beat, 1, 0);
  const realm = await machines.reserve(task.script);
  step(task.at);
  return isLoaded(realm, task) ? realm : undefined;
}

function isLoaded(realm: ScriptRealm, task: Task): boolean {
  try {
    realm.load(codeOf(task));
    return true;
  } catch {
    setApart(task, realm);
    return false;
  }
}

/** Nothing that went wrong in a shared memory is certain to be the fault of this script. */
function setApart({ script }: Task, realm: ScriptRealm): void {
  machines?.dropMachineOf(realm);
  apart.set(script, undefined);
}

async function realmApart(task: Task): Promise<ScriptRealm> {
  const known = apart.get(task.script);
  if (known) return known;
  const realm = await blankRealm(task.at);
  realm.load(codeOf(task));
  apart.set(task.script, realm);
  return realm;
}

/** A realm without a script. Its slow creation is our own work, so the script's step begins afterwards. */
async function blankRealm(at: number): Promise<ScriptRealm> {
  Atomics.store(beat, 1, 0);
  const realm = blanks.pop() ?? (await alone.open())[0] as ScriptRealm;
  step(at);
  return realm;
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

/** A call is a step. */
async function answersTo(task: Task, call: Call): Promise<Part> {
  step(task.at);
  const shared = await sharedRealmOf(task);
  if (shared === undefined) return answersApart(task, call);
  step(task.at);
  try {
    return answersOf(shared, call);
  } catch {
    setApart(task, shared);
    return answersApart(task, call);
  }
}

/**
 * A context that breaks is dropped. Data that earlier answers left in its memory is not the fault of this call.
 */
async function answersApart(task: Task, call: Call): Promise<Part> {
  const { at, script } = task;
  const known = apart.get(script);
  try {
    const realm = await realmApart(task);
    step(at);
    return answersOf(realm, call);
  } catch (thrown) {
    apart.set(script, undefined);
    const isOwn = !known?.isUsed || !(thrown instanceof ScriptFault && thrown.code === 'memory');
    if (isOwn) throw thrown;
    return answersApart(task, call);
  }
}

/** Reads a script, or tries its calls up to the first that breaks the context. */
async function performFresh(task: Task): Promise<Part[]> {
  const { at, calls } = task;
  const parts: Part[] = [];
  try {
    const realm = await blankRealm(at);
    realm.machine.limit(LIMITS.trialTicks);
    if (calls.length === 0) return [metaOf(realm, codeOf(task))];
    realm.load(codeOf(task));
    for (const call of calls) {
      step(at);
      parts.push(answersOf(realm, call));
    }
    left.push(realm);
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
  return netsMinor.map((netMinor, index) => {
    const row = values.slice(index * ROW_LENGTH, (index + 1) * ROW_LENGTH);
    const targeted = targets && [targets[index] as number];
    return { ctx, inputs: JSON.stringify(row), netsMinor: [netMinor], targets: targeted };
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

function answersOf(realm: ScriptRealm, call: Call): Part {
  const { netsMinor, targets } = call;
  const answers = readAnswers(realm.price(call), netsMinor, realm.terms);
  const part = { count: answers.length, answers, netsMinor: targets && netsMinor };
  if (targets === undefined || realm.isOneOfGroup) return part;
  answers.forEach((answer, index) => {
    if (answer instanceof ScriptFault || answer.amountMinor === 0) return;
    const target = targets[index] as number;
    const appliedMinor = Math.max(answer.amountMinor, -(netsMinor[index] as number));
    changes.set(target, (changes.get(target) ?? 0) + appliedMinor);
  });
  return part;
}

function metaOf(realm: ScriptRealm, { code }: ScriptCode): Part {
  const meta = realm.describe(code);
  left.push(realm);
  return { count: 1, meta };
}

function countOf(calls: readonly Call[]): number {
  return calls.reduce((sum, { netsMinor }) => sum + netsMinor.length, 0);
}

function faultOf(thrown: unknown, calls: readonly Call[]): Part {
  const { code, text } = thrown instanceof ScriptFault ? thrown : new ScriptFault('memory');
  const netsMinor = calls.flatMap((call) => call.netsMinor);
  return { count: countOf(calls), netsMinor, fault: code, text };
}

function report(tasks: readonly TaskReport[], idle: boolean): void {
  parentPort?.postMessage({ sheet: encodeReports(tasks), idle } satisfies Report);
}

async function work({ drop: gone, scripts: sent, sheet }: Batch): Promise<void> {
  gone.forEach(forget);
  for (const [number, script] of sent) scripts.set(number, script);
  let answers: TaskReport[] = [];
  let calls = 0;
  for (const task of decodeTasks({ sheet })) {
    answers.push({ at: task.at, parts: await (task.fresh ? performFresh(task) : perform(task)) });
    if (task.fresh) scripts.delete(task.script);
    calls += countOf(task.calls);
    if (calls < REPORT_CALLS) continue;
    report(answers, false);
    answers = [];
    calls = 0;
  }
  Atomics.store(beat, 1, 0);
  report(answers, true);
  // While nobody waits for it.
  for (const { machine } of left) if (blanks.length < BLANKS_MAX) blanks.push(...alone.wipe(machine) ?? []);
  left = [];
  machines?.tidy();
}

function forget(script: number): void {
  const realm = apart.get(script);
  if (realm) left.push(realm);
  apart.delete(script);
  scripts.delete(script);
  machines?.drop(script);
}

let last = Promise.resolve();
parentPort?.on('message', (batch: Batch) => {
  last = last.then(() => work(batch));
});
report([], true);
