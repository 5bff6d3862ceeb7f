/**
 * The right to write and load one shard's actors, under one epoch. Only a claim makes one. Once lost it stays
 * lost, and everything that asks for it is refused: whoever goes on must claim again, and that waits for
 * every older commit. So an unknown outcome cannot be followed by a load that misses it.
 */
export class Lease {
  private lost = false;

  constructor(
    readonly shard: number,
    readonly epoch: number,
  ) {}

  get held(): boolean {
    return !this.lost;
  }

  /** The end of it; there is no way back. */
  lose(): void {
    this.lost = true;
  }
}
