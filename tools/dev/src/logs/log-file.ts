import {
  chmodSync, closeSync, copyFileSync, existsSync, openSync, readSync, renameSync, statSync, truncateSync,
} from 'node:fs';
import { join } from 'node:path';

const LOG_BYTES_MAX = 10 * 1024 * 1024;
/** Older parts of a log that are kept: `name.log.1` is the youngest. */
export const OLD_PARTS = 3;
/** Logs may name products and people, so only owner and group may read them. */
const MODE = 0o640;
/** More than the examined lines. */
const TAIL_BYTES = 64 * 1024;

export function logPath(dataDir: string, name: string): string {
  return join(dataDir, 'logs', `${name}.log`);
}

/** The log of one run of a process. */
export interface Log {
  readonly path: string;
  /** Passed to the process as its output; `close` closes it afterwards. */
  readonly descriptor: number;
  close(): void;
  /** The end of this run's output, up to 64 KiB. */
  text(): string;
  /** The last lines of this run, for a message. */
  tail(lines?: number): string;
}

/** Appends to the log of that name. One that is too long starts again, and its end is kept beside it. */
export function openLog(dataDir: string, name: string): Log {
  const path = logPath(dataDir, name);
  rotateLog(path);
  const descriptor = openSync(path, 'a', MODE);
  const mode = statSync(path).mode & 0o777;
  if ((mode & ~MODE) !== 0) chmodSync(path, mode & MODE);
  const startBytes = statSync(path).size;
  const text = (): string => textFrom(path, startBytes);
  return {
    path,
    descriptor,
    close: () => closeSync(descriptor),
    text,
    tail: (lines = 15) => text().split('\n').filter((line) => line.trim() !== '').slice(-lines).join('\n'),
  };
}

/**
 * Moves a log that is too long to `name.log.1`, and so on. Writers append, so they go on in the emptied file. Lines
 * between the copy and the cut are lost.
 */
export function rotateLog(path: string, bytesMax = LOG_BYTES_MAX): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= bytesMax) return;
  for (let part = OLD_PARTS; part > 1; part--) {
    if (existsSync(`${path}.${part - 1}`)) renameSync(`${path}.${part - 1}`, `${path}.${part}`);
  }
  copyFileSync(path, `${path}.1`);
  chmodSync(`${path}.1`, statSync(path).mode & MODE);
  truncateSync(path);
}

function textFrom(path: string, startBytes: number): string {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  // A log that is shorter than before has started again.
  const from = Math.max(size < startBytes ? 0 : startBytes, size - TAIL_BYTES);
  const bytes = Buffer.alloc(size - from);
  if (bytes.length === 0) return '';
  const descriptor = openSync(path, 'r');
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, from)).toString();
  } finally {
    closeSync(descriptor);
  }
}
