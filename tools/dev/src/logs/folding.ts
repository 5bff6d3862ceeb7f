import type { LogLine } from './log-line.ts';
import { kindOf } from './show-line.ts';

/** A line of one process. */
export interface ProcessLine {
  readonly instance: string;
  /** The time of the line, or of the line before it. */
  readonly atMs: number;
  readonly line: LogLine;
}

/** A line to show, with the number of similar ones. */
export interface ShownLine extends ProcessLine {
  readonly more: number;
}

/** The number of similar lines shown per window; the rest are counted. */
const SHOWN_MAX = 5;
const WINDOW_MS = 10_000;

interface Kind {
  readonly untilMs: number;
  shown: number;
  held: number;
  last: ProcessLine;
}

/** Reduces a storm of similar lines to a few of them and one with a count. */
export class Folding {
  private readonly kinds = new Map<string, Kind>();

  /** The lines to show now, after another line. */
  take(entry: ProcessLine): ShownLine[] {
    const due = this.due(entry.atMs);
    const key = `${entry.instance} ${kindOf(entry.line)}`;
    const kind = this.kinds.get(key) ?? { untilMs: entry.atMs + WINDOW_MS, shown: 0, held: 0, last: entry };
    this.kinds.set(key, kind);
    if (kind.shown < SHOWN_MAX) {
      kind.shown += 1;
      return [...due, { ...entry, more: 0 }];
    }
    kind.held += Number(entry.line.fields['repeated'] ?? 1);
    kind.last = entry;
    return due;
  }

  /** The held-back lines that are due by then. */
  due(nowMs: number): ShownLine[] {
    const over = [...this.kinds].filter(([, { untilMs }]) => untilMs <= nowMs);
    for (const [key] of over) this.kinds.delete(key);
    return over.flatMap(([, { held, last }]) => (held === 0 ? [] : [{ ...last, more: held - 1 }]));
  }
}
