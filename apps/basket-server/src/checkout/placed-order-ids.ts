/** The ids of the latest orders that this process has placed. A forgotten order is placed once more, without effect. */
export class PlacedOrderIds {
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
