import { statSync } from 'node:fs';
import type { Log } from './log-file.ts';
import { isNodeCrash, linesOf, type LogLine } from './log-line.ts';
import { kindOf, textOf, timeText } from './show-line.ts';

const WORDS_MAX = 5;
/** What was written before is about something else. */
const CRASH_SPAN_MS = 10_000;
/** A process that wrote nothing for so long died without a word. */
const FRESH_MS = 15_000;

/** Why the process of a run that has just ended did so, in at most five lines. None when it died without a word. */
export function lastWords(log: Log, nowMs: number): string[] {
  const writtenMs = statSync(log.path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return nowMs - writtenMs > FRESH_MS ? [] : crashLines(log.text());
}

/** The same of a text. */
export function crashLines(text: string): string[] {
  const lines = linesOf(text);
  const lastMs = lines.reduce((last, { timeMs }) => timeMs ?? last, 0);
  const spoken = lines.findLastIndex(({ level }) => level !== undefined);
  const words = [
    ...lines.slice(0, spoken + 1).filter(({ level, timeMs = 0 }) => level === 'error' && timeMs > lastMs - CRASH_SPAN_MS),
    // What Node itself says comes last, past any logger.
    ...fromCrash(lines.slice(spoken + 1)),
  ];
  return folded(words).slice(-WORDS_MAX).map(({ line, count }) =>
    `${line.timeMs === undefined ? '' : `${timeText(line.timeMs)} `}${textOf(line)}${count > 1 ? ` (${count} times)` : ''}`);
}

/** From what names the error on, where something does: before it stands the code. */
function fromCrash(lines: readonly LogLine[]): readonly LogLine[] {
  const named = lines.findIndex(isNodeCrash);
  return named === -1 ? lines : lines.slice(named, named + 2);
}

/** Lines of one kind as one, with their count. */
function folded(lines: readonly LogLine[]): { line: LogLine; count: number }[] {
  const kinds = new Map<string, { line: LogLine; count: number }>();
  for (const line of lines) {
    const kind = kindOf(line);
    const { count } = kinds.get(kind) ?? { count: 0 };
    // A line that says how many more there were is none of them.
    const times = Number(line.fields['repeated'] ?? 1);
    kinds.set(kind, { line: kinds.get(kind)?.line ?? line, count: count + times });
  }
  return [...kinds.values()];
}
