/** The orders that this process saw taken, the last so many of them: what is not here may be placed once more. */
export class PlacedOrders {
  private readonly ids = new Set<string>();

  constructor(private readonly max = 50_000) {}

  add(orderId: string): void {
    this.ids.add(orderId);
    if (this.ids.size <= this.max) return;
    const [oldest] = this.ids;
    this.ids.delete(oldest as string);
  }

  has(orderId: string): boolean {
    return this.ids.has(orderId);
  }
}
