import { styleText } from 'node:util';

/** The outputs of a running step: `now` while it runs, `detail` beside its result. */
export interface Progress {
  now(note: string): void;
  detail(text: string): void;
}

/** A failed step, with its reason and a remedy. */
export class StepFailed extends Error {
  readonly step: string;
  readonly fix: string;
  readonly logFile: string | undefined;

  constructor(step: string, cause: string, fix: string, logFile?: string) {
    super(cause);
    this.step = step;
    this.fix = fix;
    this.logFile = logFile;
  }
}

/** A failure as lines for people: the step, the reason, a remedy, and further reading. */
export function failureLines(error: unknown): string[] {
  if (!(error instanceof StepFailed)) return [`failed: ${(error as Error).stack ?? String(error)}`];
  return [
    `${error.step} failed`,
    `  cause  ${error.message}`,
    `  fix    ${error.fix}`,
    ...(error.logFile === undefined ? [] : [`  log    ${error.logFile}`]),
  ];
}

/** A cause, followed by the process's own words about it. */
export function withWords(cause: string, words: readonly string[]): string {
  return words.length === 0 ? cause : `${cause}; its last words:\n${words.map((line) => `    ${line}`).join('\n')}`;
}

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** Lines for people. A terminal shows running steps animated; other outputs show finished ones only. */
export class Terminal {
  private readonly animated = process.stdout.isTTY && process.env['TERM'] !== 'dumb';
  private readonly coloured = process.stdout.isTTY && !process.env['NO_COLOR'];
  private readonly running = new Map<string, string>();
  private frame = 0;
  private ticker: NodeJS.Timeout | undefined;

  constructor() {
    // The terminal may close before us, and our end must not depend on it.
    process.stdout.on('error', () => undefined);
    process.stderr.on('error', () => undefined);
  }

  line(text = '') {
    this.clear();
    process.stdout.write(`${text}\n`);
    this.draw();
  }

  paint(colour: Parameters<typeof styleText>[0], text: string): string {
    return this.coloured && text !== '' ? styleText(colour, text) : text;
  }

  /** Runs a step and prints its duration. A failure is passed on to the caller, which reports it. */
  async step<T>(title: string, run: (progress: Progress) => Promise<T>): Promise<T> {
    const startMs = Date.now();
    let detail = '';
    this.begin(title);
    try {
      const result = await run({
        now: (note) => this.begin(title, note),
        detail: (text) => (detail = text),
      });
      const took = `${((Date.now() - startMs) / 1000).toFixed(1)} s`;
      this.end(title);
      const cells = [title.padEnd(28), took.padStart(6), this.paint('dim', detail)];
      this.line(`${this.paint('green', '✓')} ${cells.join('  ')}`.trimEnd());
      return result;
    } catch (error) {
      this.end(title);
      throw error;
    }
  }

  private begin(title: string, note = '') {
    this.running.set(title, note);
    if (!this.animated) return;
    this.ticker ??= setInterval(() => {
      this.frame = (this.frame + 1) % FRAMES.length;
      this.draw();
    }, 80);
  }

  private end(title: string) {
    this.running.delete(title);
    this.clear();
    if (this.running.size > 0) return;
    clearInterval(this.ticker);
    this.ticker = undefined;
  }

  private draw() {
    if (!this.animated || this.running.size === 0) return;
    const doing = [...this.running].map(([title, note]) => (note ? `${title} (${note})` : title));
    const width = process.stdout.columns || 80;
    process.stdout.write(`\r\x1b[2K${FRAMES[this.frame]} ${doing.join(', ').slice(0, width - 3)}`);
  }

  private clear() {
    if (this.animated) process.stdout.write('\r\x1b[2K');
  }
}
