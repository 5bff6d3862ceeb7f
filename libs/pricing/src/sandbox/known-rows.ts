/** The number of rows that one context remembers. After that it forgets all, and a basket's rows are sent again. */
const ROWS_MAX = 4_096;

/** The update of a context to a basket. */
export interface BasketDelta {
  /**
   * JSON: the basket's own fields except its net, the number of its lines, the number of the first new row, and the new
   * rows.
   */
  readonly text: string;
  /** Index, row number and net of each line that changed since the last basket. */
  readonly patches: Float64Array<ArrayBuffer>;
}

/**
 * The rows that a basket script's context knows. A row is sent once and has a number from then on, and of a basket only
 * the changes to the last one are sent. QuickJS parses slowly, and V8 compares fast. It must have the same lifetime as
 * its context, and each text must arrive there.
 */
export class KnownRows {
  private readonly numbers = new Map<string, number>();
  private rows: readonly string[] = [];
  private nets: readonly number[] = [];

  /** Base 0 tells the context to forget all rows. */
  deltaOf(basket: string): BasketDelta {
    const [own = '', netsText = '', ...rows] = basket.split('\n');
    const nets = JSON.parse(netsText) as number[];
    if (this.numbers.size + rows.length > ROWS_MAX) this.forget();
    const base = this.numbers.size;
    const fresh: string[] = [];
    const patches: number[] = [];
    for (let place = 0; place < rows.length; place += 1) {
      const row = rows[place] as string;
      const net = nets[place] as number;
      if (row === this.rows[place] && net === this.nets[place]) continue;
      let number = this.numbers.get(row);
      if (number === undefined) {
        number = this.numbers.size;
        // A copy: the result of `split` is a view that retains the whole basket.
        this.numbers.set(Buffer.from(row).toString(), number);
        fresh.push(row);
      }
      patches.push(place, number, net);
    }
    this.rows = rows;
    this.nets = nets;
    return {
      text: `[${own},${rows.length},${base},[${fresh.join()}]]`,
      patches: Float64Array.from(patches),
    };
  }

  private forget(): void {
    this.numbers.clear();
    this.rows = [];
    this.nets = [];
  }
}
