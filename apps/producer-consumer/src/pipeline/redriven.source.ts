import type { OpenSource, SourceContext } from '@aisle/pipeline';
import type { PipelineLetter } from './pipeline-letters.repository.ts';

/** A source of redriven dead letters, which come before the events of another source. */
export class RedrivenSource {
  private readonly waiting: PipelineLetter[] = [];
  private readonly underWay = new Map<readonly number[], readonly number[]>();
  private readonly wakes = new Set<SourceContext['wake']>();

  constructor(
    private readonly others: OpenSource<number>,
    /** Called with letters that are done: acknowledged, or given up again under new ids. */
    private readonly done: (ids: readonly number[]) => Promise<unknown>,
  ) {}

  push(letters: readonly PipelineLetter[]): void {
    this.waiting.push(...letters);
    for (const wake of this.wakes) wake();
  }

  readonly open: OpenSource<number> = (ctx) => {
    const others = this.others(ctx);
    this.wakes.add(ctx.wake);
    return {
      fetch: (demand) => {
        if (this.waiting.length === 0) return others.fetch(demand);
        const letters = this.waiting.splice(0, demand);
        const events = letters.map(({ event }) => event);
        this.underWay.set(events, letters.map(({ id }) => id));
        return events;
      },
      ack: async (events) => {
        const ids = this.underWay.get(events);
        if (ids === undefined) return others.ack?.(events);
        await this.done(ids);
        this.underWay.delete(events);
      },
      close: () => {
        this.wakes.delete(ctx.wake);
        return others.close?.();
      },
    };
  };
}
