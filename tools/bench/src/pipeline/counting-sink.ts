// A sink in a separate process, independent of pipelines. It gets frames of ids, counts each id in memory that only it
// writes, and then acknowledges. Frame: `<kind> <count> <ids>`, all of 32 bits; it answers each frame with a byte.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The counts of the sink. */
export interface Counted {
  /** Stored ids, each counted once. */
  readonly stored: number;
  /** Deliveries of ids that were stored already. */
  readonly duplicates: number;
  /** Ids among its dead letters, each counted once. */
  readonly dead: number;
  /** Ids that are both stored and among its dead letters. */
  readonly both: number;
  /** Ids below the given number that never came. */
  readonly missing: number;
}

const STORE = 0;
const BURY = 1;
const REPORT = 2;

/** The sink on the pipeline's side: two functions, which resolve when the sink has counted. */
export class CountingSink {
  private readonly waiting: (() => void)[] = [];
  private report: Counted | undefined = undefined;

  private constructor(private readonly process: ChildProcess) {
    process.stdout?.on('data', (bytes: Buffer) => {
      for (const _byte of bytes) this.waiting.shift()?.();
    });
    process.on('message', (report) => (this.report = report as Counted));
  }

  static async start(): Promise<CountingSink> {
    const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), 'sink'], {
      stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
    });
    await once(child, 'spawn');
    return new CountingSink(child);
  }

  store(ids: readonly number[]): Promise<void> {
    return this.send(STORE, ids);
  }

  bury(id: number): Promise<void> {
    return this.send(BURY, [id]);
  }

  /** Ends it. */
  async count(below: number): Promise<Counted> {
    const exit = once(this.process, 'exit');
    await this.send(REPORT, [below]);
    this.process.stdin?.end();
    await exit;
    return this.report as Counted;
  }

  private send(kind: number, ids: readonly number[]): Promise<void> {
    const frame = new Uint32Array(ids.length + 2);
    frame[0] = kind;
    frame[1] = ids.length;
    frame.set(ids, 2);
    this.process.stdin?.write(Buffer.from(frame.buffer));
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

const SEEN = 1;
const DEAD = 2;

/** The other process. */
async function serve(): Promise<void> {
  let marks = new Uint8Array(1 << 24);
  let duplicates = 0;
  let rest: Buffer = Buffer.alloc(0);
  const mark = (id: number, as: number): void => {
    if (id >= marks.length) {
      const larger = new Uint8Array(Math.max(id + 1, 2 * marks.length));
      larger.set(marks);
      marks = larger;
    }
    if (as === SEEN && ((marks[id] as number) & SEEN) !== 0) duplicates += 1;
    marks[id] = (marks[id] as number) | as;
  };
  const take = (kind: number, frame: Buffer): void => {
    if (kind === REPORT) process.send?.(reportOf(marks, frame.readUInt32LE(0), duplicates));
    else for (let at = 0; at < frame.length; at += 4) mark(frame.readUInt32LE(at), kind === STORE ? SEEN : DEAD);
  };
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    let frames = 0;
    while (rest.length - at >= 8) {
      const end = at + 8 + 4 * rest.readUInt32LE(at + 4);
      if (end > rest.length) break;
      take(rest.readUInt32LE(at), rest.subarray(at + 8, end));
      at = end;
      frames += 1;
    }
    rest = rest.subarray(at);
    if (frames > 0) process.stdout.write(Buffer.alloc(frames));
  }
  process.disconnect();
}

function reportOf(marks: Uint8Array, below: number, duplicates: number): Counted {
  let [stored, dead, both, missing] = [0, 0, 0, 0];
  for (let id = 0; id < below; id += 1) {
    const mark = marks[id] ?? 0;
    if (mark === 0) missing += 1;
    if ((mark & SEEN) !== 0) stored += 1;
    if ((mark & DEAD) !== 0) dead += 1;
    if (mark === (SEEN | DEAD)) both += 1;
  }
  return { stored, duplicates, dead, both, missing };
}

if (process.argv[2] === 'sink') await serve();
