import { systemRuntime, type Runtime } from '@aisle/std';
import { pino } from 'pino';
import type { LogFields } from './log-fields.ts';
import { Storms } from './storms.ts';

/**
 * A structured logger. The message is a lower-case fact in the past ("shard acquired"); the fields hold the data.
 *
 * Levels: `error`, a person must act; `warn`, degraded but handled; `info`, lifecycle; `debug`, per message.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Creates a logger that adds `fields` to every line. */
  with(fields: LogFields): Logger;
  /** Whether `debug` lines are written. It saves building fields that nobody reads. */
  isDebug(): boolean;
}

/** The level, format and destination of a log. */
export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** The name of the process, such as `basket-server-2`. */
  readonly instance: string;
  /** Whether to write coloured lines for a person, and not JSON lines. */
  readonly pretty: boolean;
  /** The destination of JSON lines; standard output unless given. */
  readonly destination?: { write(line: string): void };
  /** The runtime whose timers limit repeated lines. */
  readonly runtime?: Runtime;
}

/**
 * Creates a logger of JSON lines with an ISO timestamp, a named level and the instance, or of coloured lines for a terminal.
 *
 * Repeated warnings and errors are limited: of equal ones, 20 in 10 s are written, only the first with its stack. A last line
 * counts the others (`repeated`).
 */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: { instance: options.instance },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: ['*.password', '*.authorization', '*.apiKey'], censor: '(secret)' },
  };
  const storms = new Storms(options.runtime ?? systemRuntime);
  if (options.destination) return wrap(pino(settings, options.destination), storms);
  if (!options.pretty) return wrap(pino(settings), storms);
  const { formatters: _jsonOnly, ...pretty } = settings;
  return wrap(
    pino({
      ...pretty,
      transport: {
        target: 'pino-pretty',
        options: { messageKey: 'message', ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' },
      },
    }),
    storms,
  );
}

/** An error and its causes, at most 8, as plain data. Log an error once, where it is handled. Takes anything that was thrown. */
export function errorFields(thrown: unknown): LogFields {
  const chain: { name: string; message: string; code?: unknown; stack?: string }[] = [];
  for (let error = thrown; error != null && chain.length < 8; ) {
    const { name, message, code, stack, cause } = error as Partial<Error> & { code?: unknown };
    chain.push({
      name: String(name ?? typeof error),
      message: message ?? JSON.stringify(error),
      ...(code === undefined ? {} : { code }),
      ...(stack === undefined ? {} : { stack }),
    });
    error = cause;
  }
  return { error: chain[0], ...(chain.length > 1 ? { causes: chain.slice(1) } : {}) };
}

function wrap(sink: pino.Logger, storms: Storms): Logger {
  return {
    debug: (message, fields) => sink.debug(fields ?? {}, message),
    info: (message, fields) => sink.info(fields ?? {}, message),
    warn: (message, fields) => storms.write('warn', message, fields ?? {}, (text, facts) => sink.warn(facts, text)),
    error: (message, fields) => storms.write('error', message, fields ?? {}, (text, facts) => sink.error(facts, text)),
    with: (fields) => wrap(sink.child(fields), storms),
    isDebug: () => sink.isLevelEnabled('debug'),
  };
}
