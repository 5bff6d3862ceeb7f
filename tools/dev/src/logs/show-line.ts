import type { LogLine } from './log-line.ts';

/** Printed once in front of each line. */
const NOT_SHOWN = new Set(['app', 'instance', 'pid', 'hostname', 'error', 'causes', 'stack', 'repeated']);
const VALUE_CHARS_MAX = 80;
const LINE_CHARS_MAX = 400;

interface ErrorFields {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string | number;
  readonly stack?: string;
}

/** A line as text: the message, the error with its causes and its location, and the other fields. */
export function textOf({ message, fields }: LogLine): string {
  const { error, causes = [], stack, repeated } = fields as {
    error?: ErrorFields; causes?: ErrorFields[]; stack?: string[]; repeated?: number;
  };
  const chain = [error, ...causes].filter((one) => one != null).map(errorText).join(' ← ');
  const where = placeOf(error?.stack?.split('\n').slice(1) ?? stack ?? []);
  const facts = Object.entries(fields).filter(([name]) => !NOT_SHOWN.has(name)).map(([name, value]) => `${name}=${valueText(value)}`);
  const text = [
    `${message}${chain === '' ? '' : `: ${chain}`}`,
    ...(where === undefined ? [] : [`(${where})`]), ...facts, ...(repeated === undefined ? [] : [`(and ${repeated} more)`]),
  ].join(' ').replace(/\s+/g, ' ');
  return shortened(text, LINE_CHARS_MAX);
}

/** `22:56:55.123`, in the reader's time zone. */
export function timeText(timeMs: number | undefined): string {
  if (timeMs === undefined) return ' '.repeat(12);
  const time = new Date(timeMs);
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${hours}:${minutes}:${seconds}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** A key that is equal for similar lines: those with the same level, message and error. */
export function kindOf({ level, message, fields }: LogLine): string {
  const { name, message: errorMessage, code } = (fields['error'] ?? {}) as ErrorFields;
  return JSON.stringify([level, message, name, errorMessage, code]);
}

function errorText({ name, message = '', code }: ErrorFields): string {
  const what = name === undefined || name === 'Error' ? message : `${name}: ${message}`;
  return code === undefined ? what : `${what} [${code}]`;
}

/** The first location of a stack within the project: `apps/orders/src/order.ts:12:3`. */
function placeOf(frames: readonly string[]): string | undefined {
  const own = frames.find((frame) => /\/(apps|libs|tools)\/[\w-]+\//.test(frame) && !frame.includes('/node_modules/'));
  return own === undefined ? undefined : /((?:apps|libs|tools)\/[^\s)?]+?)(?:\?[^:)]*)?(:\d+(?::\d+)?)\)?$/.exec(own)?.slice(1).join('');
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return shortened(/[\s"=]/.test(text) && typeof value === 'string' ? JSON.stringify(text) : text, VALUE_CHARS_MAX);
}

function shortened(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
