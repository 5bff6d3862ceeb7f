import type { Pipeline } from '@aisle/contracts';
import type { Runtime, Timer } from '@aisle/std';
import { lineOf, tableOf } from './table.ts';

/** The output of a view, such as the standard output of the process. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

const INTERVAL_MS = 1_000;
const TABLE_LINES = 11;
const ESC = '\u001b';

/**
 * Shows a pipeline once a second: in a terminal as a table above the log, elsewhere as a line. The log scrolls in its own region
 * (DECSTBM), so that neither overwrites the other.
 */
export class TerminalView {
  private timer: Timer | undefined;
  private isReading = false;
  private rows: number | undefined;

  constructor(
    private readonly screen: Screen,
    private readonly runtime: Runtime,
    private readonly read: () => Promise<Pipeline>,
  ) {}

  start(): void {
    this.timer = this.runtime.timers.every(INTERVAL_MS, () => void this.show(), { background: true });
  }

  /** Leaves the table on the screen, and restores the scroll region of the terminal. */
  stop(): void {
    this.timer?.cancel();
    if (this.rows !== undefined) this.screen.write(`${ESC}[r${ESC}[${this.rows};1H`);
  }

  private async show(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      this.draw(await this.read());
    } catch (error) {
      this.write([`no figures: ${(error as Error).message}`], 'no figures');
    } finally {
      this.isReading = false;
    }
  }

  private draw(pipeline: Pipeline): void {
    this.write(tableOf(pipeline), lineOf(pipeline));
  }

  private write(table: readonly string[], line: string): void {
    const { screen } = this;
    if (!screen.isTTY) return void screen.write(`${line}\n`);
    if (screen.rows !== this.rows) this.divide();
    const lines = Array.from({ length: TABLE_LINES }, (_, row) => `${ESC}[${row + 1};1H${ESC}[2K${table[row] ?? ''}`);
    screen.write(`${ESC}7${ESC}[?7l${lines.join('')}${ESC}[?7h${ESC}8`);
  }

  /** Reserves the top lines for the table and the others for the log. */
  private divide(): void {
    this.rows = this.screen.rows;
    if (this.rows === undefined) return;
    this.screen.write(`${ESC}[2J${ESC}[${TABLE_LINES + 1};${this.rows}r${ESC}[${TABLE_LINES + 1};1H`);
  }
}
