import { parseArgs } from 'node:util';
import type { ProcessLine } from './folding.ts';
import { LEVELS, type Level } from './log-line.ts';

export interface LogsOptions {
  /** A process, or an app with all its processes; everything by default. */
  readonly app?: string;
  readonly level: Level;
  readonly trace?: string;
  /** The number of present lines to show. */
  readonly lines: number;
  /** Ends after the present lines. */
  readonly once: boolean;
}

export const logsHelp = `npm run logs                       the last lines of every process, then new ones until Ctrl-C
npm run logs -- gateway            only one app or process: basket-server, basket-server-1, redis
npm run logs -- --level warn       only this level and above: debug, info, warn, error
npm run logs -- --trace ID         all kept lines of one request, from all processes
npm run logs -- --lines 200        the number of earlier lines (50)
npm run logs -- --once             only earlier lines, then exit`;

/** Reads the command line. Throws an error that explains a wrong argument. */
export function parseLogsOptions(args: readonly string[]): LogsOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      level: { type: 'string', default: 'debug' },
      trace: { type: 'string' },
      lines: { type: 'string' },
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const [app, ...others] = positionals;
  if (others.length > 0) throw new Error(`only one app or process may be named, not ${positionals.join(' and ')}`);
  const level = LEVELS.find((known) => known === values.level);
  if (level === undefined) throw new Error(`--level takes ${LEVELS.join(', ')}, not '${values.level}'`);
  if (values.lines !== undefined && !/^\d{1,6}$/.test(values.lines)) throw new Error(`--lines takes a whole number, not '${values.lines}'`);
  const trace = values.trace === undefined ? undefined : traceIdOf(values.trace);
  return {
    ...(app === undefined ? {} : { app }), ...(trace === undefined ? {} : { trace }),
    level, once: values.once, lines: values.lines === undefined ? (trace === undefined ? 50 : Infinity) : Number(values.lines),
  };
}

/** True if a name selects a process. */
export function isMeant(app: string | undefined, instance: string): boolean {
  return app === undefined || instance === app || (instance.startsWith(`${app}-`) && /^\d+$/.test(instance.slice(app.length + 1)));
}

/** True if a line is selected. A line without level comes from a crash or a server. */
export function isShown({ line }: ProcessLine, { level, trace }: LogsOptions): boolean {
  if (trace !== undefined) return JSON.stringify(line.fields).includes(trace);
  return line.level === undefined || LEVELS.indexOf(line.level) >= LEVELS.indexOf(level);
}

/** The trace id, also from a whole `traceparent`. */
function traceIdOf(text: string): string {
  const id = /^(?:00-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?$/i.exec(text)?.[1];
  if (id === undefined) throw new Error(`--trace takes a trace id of 32 hexadecimal digits, as answers and logs have it, not '${text}'`);
  return id.toLowerCase();
}
