// Log lines of any process as data: JSON of the apps, and the formats of Redis, PostgreSQL and Node.

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

export interface LogLine {
  /** Milliseconds since 1970; absent if the line has no time. */
  readonly timeMs?: number;
  /** Absent for plain text that a process wrote without its logger. */
  readonly level?: Level;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** `2026-11-29 22:56:55.123 UTC [12] ERROR:  text` */
const POSTGRES = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC \[\d+\] (\w+): +(.*)$/;
/** `12:M 29 Nov 2026 22:56:55.123 # text` */
const REDIS = /^\d+:[A-Z] (\d\d? \w{3} \d{4} \d\d:\d\d:\d\d\.\d+) ([.\-*#]) (.*)$/;
/** `2026-11-29T22:56:55.123Z keeper 12: text` */
const KEEPER = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) keeper \d+: (.*)$/;
/** Node's output at a crash: frames, marks below the code, and headings. */
const NOISE = /^\s+at |^\s*[\^~]+\s*$|^\s*[\])};,]*\s*$|^Node\.js v|^<---|^-----|^\[\d+:0x|^\s*\d+: 0x/;
const NODE_CRASH = /^(Uncaught )?\w*(Error|Exception)( \[\w+\])?: |^FATAL ERROR: /;

/** The lines of a log. Node's output at a crash becomes one line; stacks in plain text are left out. */
export function linesOf(text: string): LogLine[] {
  const lines = text.split('\n').filter((line) => !NOISE.test(line));
  return lines.map(lineOf);
}

/** True for plain text that tells why a process died. */
export function isNodeCrash(line: LogLine): boolean {
  return line.level === undefined && NODE_CRASH.test(line.message);
}

function lineOf(text: string): LogLine {
  const [, postgresTime, severity = '', message = ''] = POSTGRES.exec(text) ?? [];
  if (postgresTime) return { timeMs: timeOf(`${postgresTime.replace(' ', 'T')}Z`), level: postgresLevel(severity), message, fields: {} };
  const [, redisTime, mark = '', redisMessage = ''] = REDIS.exec(text) ?? [];
  if (redisTime) return { timeMs: timeOf(redisTime), level: redisLevel(mark), message: redisMessage, fields: {} };
  const [, keeperTime, noted = ''] = KEEPER.exec(text) ?? [];
  if (keeperTime) return { timeMs: timeOf(keeperTime), level: 'info', message: noted, fields: {} };
  return jsonLine(text) ?? { message: text, fields: {} };
}

function jsonLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const { time, level, message, ...fields } = JSON.parse(text) as Record<string, unknown>;
    if (typeof message !== 'string' || typeof time !== 'string') return undefined;
    const known = LEVELS.find((name) => name === level);
    return { timeMs: timeOf(time), ...(known ? { level: known } : {}), message, fields };
  } catch {
    return undefined;
  }
}

function timeOf(text: string): number {
  return new Date(text).getTime();
}

function postgresLevel(severity: string): Level {
  if (['ERROR', 'FATAL', 'PANIC'].includes(severity)) return 'error';
  return severity === 'WARNING' ? 'warn' : 'info';
}

function redisLevel(mark: string): Level {
  if (mark === '#') return 'warn';
  return mark === '*' ? 'info' : 'debug';
}
