import { ScriptFault } from './script-fault.ts';
import type { StrategyAnswer } from '../engine/answer.ts';
import type { Draft } from '../freeze.ts';
import type { Adjustment, Priced, Skip } from '../strategy.ts';
import type { Batch, Call, Part, Report, Sheet, Task, TaskReport } from './messages.ts';
import type { FaultCode } from './script-fault.ts';

// Messages between the host and a worker: all numbers of a message in one list, and each of its texts once. Structured
// clones of tasks and answers cost more than most scripts. Answers are checked, and written by the worker itself.

const FAULT_CODES: readonly FaultCode[] = [
  'threw', 'asynchronous', 'contract', 'lines-missed', 'ticks', 'memory', 'stack', 'killed', 'suspended', 'retired',
];
/** The kinds of a part. */
const ANSWERS = 0;
const FAULT = 1;
const META = 2;
const NONE: readonly never[] = Object.freeze([]);

class Writer {
  private readonly numbers: number[] = [];
  private readonly places = new Map<string, number>();

  get sheet(): Sheet {
    return { texts: [...this.places.keys()], numbers: Float64Array.from(this.numbers) };
  }

  number(value: number): void {
    this.numbers.push(value);
  }

  list(values: readonly number[] | undefined): void {
    if (values === undefined) return this.number(-1);
    this.numbers.push(values.length, ...values);
  }

  text(text: string): void {
    let place = this.places.get(text);
    if (place === undefined) {
      place = this.places.size;
      this.places.set(text, place);
    }
    this.numbers.push(place);
  }
}

class Reader {
  private readonly sheet: Sheet;
  private at = 0;

  constructor(sheet: Sheet) {
    this.sheet = sheet;
  }

  get isAtEnd(): boolean {
    return this.at >= this.sheet.numbers.length;
  }

  number(): number {
    return this.sheet.numbers[this.at++] as number;
  }

  list(): number[] | undefined {
    const length = this.number();
    if (length < 0) return undefined;
    const list: number[] = [];
    while (list.length < length) list.push(this.number());
    return list;
  }

  text(): string {
    return this.sheet.texts[this.number()] as string;
  }
}

/** Encodes the tasks of a batch, except for their scripts. */
export function encodeTasks(tasks: readonly Task[]): Sheet {
  const writer = new Writer();
  for (const { at, round, script, fresh, calls } of tasks) {
    writer.number(at);
    writer.number(round);
    writer.number(script);
    writer.number(fresh ? 1 : 0);
    writer.number(calls.length);
    for (const { ctx, inputs, netsMinor, targets } of calls) {
      writer.text(ctx);
      writer.text(inputs);
      writer.list(netsMinor);
      writer.list(targets);
    }
  }
  return writer.sheet;
}

export function decodeTasks({ sheet }: Pick<Batch, 'sheet'>): Task[] {
  const reader = new Reader(sheet);
  const call = (): Call => ({ ctx: reader.text(), inputs: reader.text(), netsMinor: reader.list()!, targets: reader.list() });
  const tasks: Task[] = [];
  while (!reader.isAtEnd) {
    tasks.push({
      at: reader.number(), round: reader.number(), script: reader.number(), fresh: reader.number() === 1, calls: listOf(reader.number(), call),
    });
  }
  return tasks;
}

/** Encodes the answers of tasks. */
export function encodeReports(reports: readonly TaskReport[]): Sheet {
  const writer = new Writer();
  for (const { at, parts } of reports) {
    writer.number(at);
    writer.number(parts.length);
    for (const part of parts) writePart(writer, part);
  }
  return writer.sheet;
}

export function decodeReports({ sheet }: Pick<Report, 'sheet'>): TaskReport[] {
  const reader = new Reader(sheet);
  const reports: TaskReport[] = [];
  while (!reader.isAtEnd) reports.push({ at: reader.number(), parts: listOf(reader.number(), () => readPart(reader)) });
  return reports;
}

/** The answers of a part, one for each of its inputs. */
export function answersIn(part: Part): readonly (Priced | ScriptFault)[] {
  if ('answers' in part) return part.answers;
  if ('meta' in part) return NONE;
  const fault = new ScriptFault(part.fault, part.text);
  return Array.from({ length: part.count }, () => fault);
}

function writePart(writer: Writer, part: Part): void {
  const kind = 'answers' in part ? ANSWERS : 'fault' in part ? FAULT : META;
  writer.number(kind);
  writer.number(part.count);
  writer.list(part.netsMinor);
  if ('meta' in part) writer.text(part.meta);
  else if ('fault' in part) writeFault(writer, part.fault, part.text);
  else for (const answer of part.answers) writeAnswer(writer, answer);
}

function readPart(reader: Reader): Part {
  const kind = reader.number();
  const count = reader.number();
  const netsMinor = reader.list();
  if (kind === ANSWERS) return { count, netsMinor, answers: listOf(count, () => readAnswer(reader)) };
  if (kind === META) return { count, netsMinor, meta: reader.text() };
  return { count, netsMinor, fault: FAULT_CODES[-1 - reader.number()] as FaultCode, text: reader.text() };
}

function writeFault(writer: Writer, code: FaultCode, text: string): void {
  writer.number(-1 - FAULT_CODES.indexOf(code));
  writer.text(text);
}

function writeAnswer(writer: Writer, answer: StrategyAnswer | Priced | ScriptFault): void {
  if (answer instanceof ScriptFault) return writeFault(writer, answer.code, answer.text);
  const { adjustments, skipped = NONE } = answer;
  writer.number(adjustments.length);
  writer.number(skipped.length);
  for (const { code, amountMinor, units, message } of adjustments) {
    writer.text(code);
    writer.number(amountMinor);
    writer.number(units ?? -1);
    writer.text(message);
  }
  for (const { code, reason, unitsNeeded } of skipped) {
    writer.text(code);
    writer.text(reason);
    writer.number(unitsNeeded ?? -1);
  }
}

/** Most answers are this one. */
const NO_ANSWER: Priced = Object.freeze({ adjustments: NONE, skipped: NONE });

function readAnswer(reader: Reader): Priced | ScriptFault {
  const first = reader.number();
  if (first < 0) return new ScriptFault(FAULT_CODES[-1 - first] as FaultCode, reader.text());
  const hints = reader.number();
  if (first === 0 && hints === 0) return NO_ANSWER;
  return { adjustments: listOf(first, () => readAdjustment(reader)), skipped: listOf(hints, () => readSkip(reader)) };
}

function readAdjustment(reader: Reader): Adjustment {
  const code = reader.text();
  const amountMinor = reader.number();
  const units = reader.number();
  const adjustment: Draft<Adjustment> = { code, amountMinor, message: reader.text() };
  if (units !== -1) adjustment.units = units;
  return adjustment;
}

function readSkip(reader: Reader): Skip {
  const skip: Draft<Skip> = { code: reader.text(), reason: reader.text() };
  const unitsNeeded = reader.number();
  if (unitsNeeded !== -1) skip.unitsNeeded = unitsNeeded;
  return skip;
}

function listOf<T>(length: number, read: () => T): readonly T[] {
  if (length === 0) return NONE;
  // Start with the first entry: an empty array grows to a larger capacity, and most lists have one entry.
  const list = [read()];
  while (list.length < length) list.push(read());
  return list;
}
