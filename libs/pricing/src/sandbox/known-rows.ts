/** Rows one context remembers; a line of a basket is told again once they are forgotten. */
const ROWS_MAX = 4_096;

/** A basket as a context is told of it. */
export interface BasketDelta {
  /** JSON: what it has of its own but for its net, its lines' count, the number of the first fresh row, these rows. */
  readonly text: string;
  /** Place, number and net of each line that is not what it was in the last basket. */
  readonly patches: Float64Array<ArrayBuffer>;
}

/**
 * What the context of a basket script has been told. A row goes there once and is a number from then
 * on, and of a basket goes only what is unlike the last one: QuickJS reads slowly, V8 compares fast.
 * It must live and die with its context, and each text must arrive there.
 */
export class KnownRows {
  private readonly numbers = new Map<string, number>();
  private rows: readonly string[] = [];
  private nets: readonly number[] = [];

  /** Base 0 means: forget all rows. */
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
        // A copy: what `split` makes is a view that holds on to the whole basket.
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
