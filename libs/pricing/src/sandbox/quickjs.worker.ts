// The thread in which scripts run. It works off batches, one context a version, and counts every step
// it begins where the host sees it: a step that does not end is ended with the thread. What is at 0
// is the thread's own work.
import { parentPort, workerData } from 'node:worker_threads';
import { Cell } from './cell.ts';
import { ROW_LENGTH } from './prelude.ts';
import { ScriptFault } from './script-fault.ts';
import type { Encoded } from './cell.ts';
import type { Batch, Call, Part, Report, ScriptCode, Task, WorkerSeed } from './messages.ts';

/** Calls after which answers leave, though more of the batch is to be done. */
const REPORT_CALLS = 128;
/** Cells without a script that are kept at hand. */
const BLANKS_MAX = 2;

const { wasm, beat } = workerData as WorkerSeed;
const scripts = new Map<string, ScriptCode>();
const cells = new Map<string, Cell>();
const blanks: Cell[] = [];
/** Cells whose scripts are done with. */
let left: Cell[] = [];

function step(at: number): void {
  Atomics.store(beat, 1, at);
  Atomics.add(beat, 0, 1);
}

async function cellOf(task: Task): Promise<Cell> {
  const { sha256, script } = task;
  if (script && !task.fresh) scripts.set(sha256, script);
  const known = cells.get(sha256);
  if (known && !task.fresh) return known;
  Atomics.store(beat, 1, 0);
  const cell = blanks.pop() ?? await Cell.open(wasm);
  step(task.at);
  cell.load(script ?? (scripts.get(sha256) as ScriptCode));
  if (!task.fresh) cells.set(sha256, cell);
  return cell;
}

async function perform(task: Task): Promise<Part[]> {
  const { at, calls, sha256, fresh } = task;
  const count = calls.reduce((sum, call) => sum + call.count, 0);
  step(at);
  try {
    const cell = await cellOf(task);
    const parts = calls.length === 0 ? [metaOf(cell)] : calls.map((call) => {
      step(at);
      return partOf(call.count, cell.price(call));
    });
    if (fresh) left.push(cell);
    return parts;
  } catch (thrown) {
    const fault = faultOf(thrown);
    if (!fresh) cells.delete(sha256);
    if (count <= 1 || fresh) return [{ count, fault: fault.code, text: fault.text }];
    return singly(task, calls.flatMap(single));
  }
}

/** One input a step, each with a budget of its own, up to the first that breaks its context. */
async function singly(task: Task, calls: readonly Call[]): Promise<Part[]> {
  const parts: Part[] = [];
  for (const call of calls) {
    step(task.at);
    try {
      parts.push(partOf(1, (await cellOf(task)).price(call)));
    } catch (thrown) {
      const { code, text } = faultOf(thrown);
      cells.delete(task.sha256);
      return [...parts, { count: calls.length - parts.length, fault: code, text }];
    }
  }
  return parts;
}

function single({ ctx, inputs }: Call): Call[] {
  const values = JSON.parse(inputs) as unknown[];
  return Array.from({ length: values.length / ROW_LENGTH }, (_, row) => {
    const from = row * ROW_LENGTH;
    return { ctx, inputs: JSON.stringify(values.slice(from, from + ROW_LENGTH)), count: 1 };
  });
}

function metaOf(cell: Cell): Part {
  return { count: 1, words: cell.meta(), numbers: new Float64Array() };
}

function partOf(count: number, { words, numbers }: Encoded): Part {
  return { count, words, numbers };
}

function faultOf(thrown: unknown): ScriptFault {
  return thrown instanceof ScriptFault ? thrown : new ScriptFault('memory');
}

function report(answers: Report['answers'], idle: boolean): void {
  parentPort?.postMessage({ answers, idle } satisfies Report);
}

async function work({ drop: gone, tasks }: Batch): Promise<void> {
  for (const sha256 of gone) {
    const cell = cells.get(sha256);
    if (cell) left.push(cell);
    cells.delete(sha256);
    scripts.delete(sha256);
  }
  let answers: Report['answers'][number][] = [];
  let calls = 0;
  for (const task of tasks) {
    answers.push({ at: task.at, parts: await perform(task) });
    calls += task.calls.reduce((sum, call) => sum + call.count, 0);
    if (calls < REPORT_CALLS) continue;
    report(answers, false);
    answers = [];
    calls = 0;
  }
  Atomics.store(beat, 1, 0);
  report(answers, true);
  // While nobody waits for it.
  for (const cell of left) if (blanks.length < BLANKS_MAX && cell.wipe()) blanks.push(cell);
  left = [];
}

let last = Promise.resolve();
parentPort?.on('message', (batch: Batch) => {
  last = last.then(() => work(batch));
});
// The first cell is the slowest, by far; no basket waits for it.
blanks.push(await Cell.open(wasm));
report([], true);
