import type { Recorded } from './journal-storage.ts';

/** The last commands of one actor that are committed, so that most retries need not ask the storage. */
export class RecentCommands {
  private readonly known = new Map<string, Recorded>();

  /** `complete`: no committed id of this actor is missing here, so an unknown one is new for certain. */
  constructor(
    private readonly max: number,
    public complete: boolean,
  ) {}

  get(commandId: string): Recorded | undefined {
    return this.known.get(commandId);
  }

  add(commandId: string, { seq, payloadHash, outcome }: Recorded): void {
    // Not the row that it may be a part of: that one's events would stay in memory with it.
    this.known.set(commandId, { seq, payloadHash, outcome });
    if (this.known.size <= this.max) return;
    const [oldest] = this.known.keys();
    this.known.delete(oldest as string);
    this.complete = false;
  }
}
