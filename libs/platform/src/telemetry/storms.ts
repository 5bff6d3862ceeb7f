import type { Runtime, Timer } from '@aisle/std';
import type { LogFields } from './log-fields.ts';

/** The number of lines of one kind that are written in a window. Further ones are counted. */
const WRITTEN_MAX = 20;
const WINDOW_MS = 10_000;
/** A bound on memory. Lines of further kinds are written without a limit. */
const KINDS_MAX = 1_000;

/** Writes a line. */
export type Write = (message: string, fields: LogFields) => void;

/** The lines of one window with the same level, message and error. */
interface Kind {
  count: number;
  /** The last line that was counted and not written, for the line with the count. */
  last: { write: Write; message: string; fields: LogFields } | undefined;
}

/**
 * Limits storms of warnings and errors. Of those with the same message and error, 20 in 10 s are written, only the first with its
 * stack. At the end of the window, one line counts the others (`repeated`).
 */
export class Storms {
  private readonly kinds = new Map<string, Kind>();
  private window: Timer | undefined;

  constructor(private readonly runtime: Runtime) {}

  write(level: 'warn' | 'error', message: string, fields: LogFields, write: Write): void {
    const key = `${level}\n${message}\n${identityOf(fields['error'])}`;
    const kind = this.kinds.get(key) ?? { count: 0, last: undefined };
    if (this.kinds.size < KINDS_MAX) this.kinds.set(key, kind);
    kind.count += 1;
    this.window ??= this.runtime.timers.after(WINDOW_MS, this.end, { background: true });
    if (kind.count === 1) return write(message, fields);
    if (kind.count <= WRITTEN_MAX) return write(message, withoutStacks(fields));
    // This listener has to run before pino's own, which closes the destination.
    if (!kind.last) process.prependOnceListener('exit', this.end);
    kind.last = { write, message, fields };
  }

  private readonly end = (): void => {
    this.window?.cancel();
    this.window = undefined;
    process.off('exit', this.end);
    for (const { count, last } of this.kinds.values()) {
      last?.write(last.message, { ...withoutStacks(last.fields), repeated: count - WRITTEN_MAX });
    }
    this.kinds.clear();
  };
}

function identityOf(error: unknown): string {
  const { name, message, code } = (error ?? {}) as { name?: unknown; message?: unknown; code?: unknown };
  return `${String(name)} ${String(message)} ${String(code)}`;
}

function withoutStacks(fields: LogFields): LogFields {
  const { error, causes } = fields as { error?: object; causes?: object[] };
  return {
    ...fields,
    ...(error ? { error: withoutStack(error) } : {}),
    ...(Array.isArray(causes) ? { causes: causes.map(withoutStack) } : {}),
  };
}

function withoutStack(error: object): object {
  const { stack: _, ...rest } = error as { stack?: unknown };
  return rest;
}
