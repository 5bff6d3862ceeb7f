import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { ProcessLine } from './folding.ts';
import { OLD_PARTS } from './log-file.ts';
import { linesOf } from './log-line.ts';

const READ_BYTES_MAX = 8 * 1024 * 1024;

interface Position {
  bytes: number;
  /** The beginning of an unfinished line. */
  rest: string;
  decoder: StringDecoder;
  atMs: number;
}

/** Reads the logs of a data folder: first the present lines, then new ones. */
export class LogReader {
  private readonly positions = new Map<string, Position>();

  constructor(
    private readonly dataDir: string,
    /** Selects processes. */
    private readonly isWanted: (instance: string) => boolean,
  ) {}

  /** New lines since the last call, in order of their times. `old` also reads the parts that were moved aside. */
  read({ old = false } = {}): ProcessLine[] {
    const entries = instancesOf(this.dataDir).filter(this.isWanted).flatMap((instance) => [
      ...(old ? this.oldLines(instance) : []), ...this.newLines(instance),
    ]);
    return entries.sort((one, other) => one.atMs - other.atMs);
  }

  private oldLines(instance: string): ProcessLine[] {
    const parts = Array.from({ length: OLD_PARTS }, (_, n) => `${pathOf(this.dataDir, instance)}.${OLD_PARTS - n}`);
    return parts.filter((path) => existsSync(path)).flatMap((path) => this.linesOf(instance, readFileSync(path, 'utf8')));
  }

  private newLines(instance: string): ProcessLine[] {
    const path = pathOf(this.dataDir, instance);
    const position = this.positionOf(instance);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    // It was moved aside and started again.
    if (size < position.bytes) Object.assign(position, { bytes: 0, rest: '', decoder: new StringDecoder('utf8') });
    if (size === position.bytes) return [];
    const bytes = Buffer.alloc(Math.min(size - position.bytes, READ_BYTES_MAX));
    const descriptor = openSync(path, 'r');
    const read = readSync(descriptor, bytes, 0, bytes.length, position.bytes);
    closeSync(descriptor);
    position.bytes += read;
    const text = position.rest + position.decoder.write(bytes.subarray(0, read));
    const end = text.lastIndexOf('\n') + 1;
    position.rest = text.slice(end);
    return this.linesOf(instance, text.slice(0, end));
  }

  private linesOf(instance: string, text: string): ProcessLine[] {
    const position = this.positionOf(instance);
    return linesOf(text).map((line) => {
      position.atMs = line.timeMs ?? position.atMs;
      return { instance, atMs: position.atMs, line };
    });
  }

  private positionOf(instance: string): Position {
    const position = this.positions.get(instance) ?? { bytes: 0, rest: '', decoder: new StringDecoder('utf8'), atMs: 0 };
    this.positions.set(instance, position);
    return position;
  }
}

/** The processes with logs. */
export function instancesOf(dataDir: string): string[] {
  const folder = join(dataDir, 'logs');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.endsWith('.log')).map((name) => name.slice(0, -'.log'.length)).sort();
}

function pathOf(dataDir: string, instance: string): string {
  return join(dataDir, 'logs', `${instance}.log`);
}
