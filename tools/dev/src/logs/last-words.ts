import { statSync } from 'node:fs';
import type { Log } from './log-file.ts';
import { isNodeCrash, linesOf, type LogLine } from './log-line.ts';
import { kindOf, textOf, timeText } from './show-line.ts';

const WORDS_MAX = 5;
/** Earlier lines are about something else. */
const CRASH_SPAN_MS = 10_000;
/** A process that wrote nothing for this long died without a reason in its log. */
const FRESH_MS = 15_000;

/** The reason of the end of a run, in at most five lines; empty if the log has none. */
export function lastWords(log: Log, nowMs: number): string[] {
  const writtenMs = statSync(log.path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return nowMs - writtenMs > FRESH_MS ? [] : crashLines(log.text());
}

/** The same for a text. */
export function crashLines(text: string): string[] {
  const lines = linesOf(text);
  const lastMs = lines.reduce((last, { timeMs }) => timeMs ?? last, 0);
  const spoken = lines.findLastIndex(({ level }) => level !== undefined);
  const words = [
    ...lines.slice(0, spoken + 1).filter(({ level, timeMs = 0 }) => level === 'error' && timeMs > lastMs - CRASH_SPAN_MS),
    // Node's own output comes last, outside of any logger.
    ...fromCrash(lines.slice(spoken + 1)),
  ];
  return folded(words).slice(-WORDS_MAX).map(({ line, count }) =>
    `${line.timeMs === undefined ? '' : `${timeText(line.timeMs)} `}${textOf(line)}${count > 1 ? ` (${count} times)` : ''}`);
}

/** From the line that names the error, if there is one, since code stands before it. */
function fromCrash(lines: readonly LogLine[]): readonly LogLine[] {
  const named = lines.findIndex(isNodeCrash);
  return named === -1 ? lines : lines.slice(named, named + 2);
}

/** Similar lines as one, with their count. */
function folded(lines: readonly LogLine[]): { line: LogLine; count: number }[] {
  const kinds = new Map<string, { line: LogLine; count: number }>();
  for (const line of lines) {
    const kind = kindOf(line);
    const { count } = kinds.get(kind) ?? { count: 0 };
    // A line that counts others is not one of them.
    const times = Number(line.fields['repeated'] ?? 1);
    kinds.set(kind, { line: kinds.get(kind)?.line ?? line, count: count + times });
  }
  return [...kinds.values()];
}
