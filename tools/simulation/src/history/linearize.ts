import { apply, emptyState, stateOf, textOf, type BasketState } from './basket-model.ts';
import type { RecordedOperation } from './history.ts';

/** How far the search for an order of one basket's operations came. */
export type Linearization =
  | { readonly kind: 'linearized' }
  | ({ readonly kind: 'stuck' | 'gave up' } & Obstacle);

/** The longest order that was found, and what does not go on from there. */
export interface Obstacle {
  readonly steps: number;
  /** How many operations with a known outcome that order holds, of how many. */
  readonly placed: number;
  readonly definite: number;
  /** The end of that order. */
  readonly lastPlaced: readonly RecordedOperation[];
  readonly state: BasketState;
  /** Of these one would have to come next. */
  readonly blocked: readonly RecordedOperation[];
  /** Those of unknown outcome that might have come next, and help none of them. */
  readonly maybe: readonly RecordedOperation[];
}

/** Looks for an order of the operations that explains what was seen; no more than `stepsMax` steps. */
export function linearize(operations: readonly RecordedOperation[], stepsMax: number): Linearization {
  return new Search(operations).run(stepsMax);
}

const LAST_PLACED = 8;

interface Definite {
  readonly operation: RecordedOperation;
  readonly end: number;
  /** What it saw after itself; undefined for a refusal, which shows no lines. */
  readonly seen: BasketState | undefined;
  isPlaced: boolean;
}

interface Maybe {
  readonly operation: RecordedOperation;
  /** The same for operations that cannot be told apart. */
  readonly likeness: string;
  isPlaced: boolean;
}

interface Step {
  readonly placed: Definite | Maybe;
  readonly after: BasketState;
}

/** A place in the search: what could come next, and how much of that was tried. */
interface Place {
  readonly state: BasketState;
  readonly firstOpen: number;
  readonly steps: readonly Step[];
  tried: number;
}

/** The operations that may come next: their calls precede the first return of those not yet placed. */
interface Window {
  readonly definite: readonly Definite[];
  readonly untilOrder: number;
}

class Search {
  private readonly definite: readonly Definite[];
  private readonly maybe: readonly Maybe[];
  private readonly seen = new Set<string>();
  private readonly path: Step[] = [];
  private placed = 0;
  private furthest: Obstacle | undefined;

  constructor(operations: readonly RecordedOperation[]) {
    const inOrder = [...operations].sort((one, other) => one.call - other.call);
    this.definite = inOrder.flatMap((operation) => {
      const { outcome, end } = operation;
      if (end === undefined || (outcome.kind !== 'ok' && outcome.kind !== 'refused')) return [];
      const seen = outcome.kind === 'ok' ? stateOf(outcome.lines) : undefined;
      return [{ operation, end, seen, isPlaced: false }];
    });
    // What only reads has no effect to place.
    this.maybe = inOrder
      .filter(({ outcome, operation }) => outcome.kind === 'unknown' && operation.op !== 'read')
      .map((operation) => ({ operation, likeness: likenessOf(operation), isPlaced: false }));
  }

  // Depth first, without recursion: a history may be longer than the stack is deep.
  run(stepsMax: number): Linearization {
    const places: Place[] = [this.arrive(emptyState, 0)];
    for (let taken = 0; ; taken += 1) {
      if (this.placed === this.definite.length) return { kind: 'linearized' };
      const place = places.at(-1);
      if (!place) return { kind: 'stuck', ...(this.furthest as Obstacle), steps: taken };
      if (taken >= stepsMax) return { kind: 'gave up', ...(this.furthest as Obstacle), steps: taken };
      const step = place.steps[place.tried];
      place.tried += 1;
      if (!step) {
        places.pop();
        if (places.length > 0) this.undo();
        continue;
      }
      this.take(step);
      const firstOpen = this.firstOpenFrom(place.firstOpen);
      const key = this.keyOf(firstOpen, step.after);
      if (this.seen.has(key)) {
        this.undo();
        continue;
      }
      this.seen.add(key);
      places.push(this.arrive(step.after, firstOpen));
    }
  }

  private arrive(state: BasketState, firstOpen: number): Place {
    const window = this.windowFrom(firstOpen);
    const steps = this.stepsFrom(state, window);
    if (!this.furthest || this.placed > this.furthest.placed) this.remember(state, window);
    return { state, firstOpen, steps, tried: 0 };
  }

  private take(step: Step): void {
    step.placed.isPlaced = true;
    this.path.push(step);
    if ('end' in step.placed) this.placed += 1;
  }

  private undo(): void {
    const { placed } = this.path.pop() as Step;
    placed.isPlaced = false;
    if ('end' in placed) this.placed -= 1;
  }

  private firstOpenFrom(from: number): number {
    let at = from;
    while (this.definite[at]?.isPlaced) at += 1;
    return at;
  }

  private windowFrom(firstOpen: number): Window {
    const definite: Definite[] = [];
    let untilOrder = Infinity;
    for (let at = firstOpen; at < this.definite.length; at += 1) {
      const next = this.definite[at] as Definite;
      if (next.operation.call > untilOrder) break;
      if (next.isPlaced) continue;
      definite.push(next);
      untilOrder = Math.min(untilOrder, next.end);
    }
    return { definite, untilOrder };
  }

  private stepsFrom(state: BasketState, { definite, untilOrder }: Window): Step[] {
    const steps: Step[] = [];
    const wanted = new Set<string>();
    for (const placed of definite) {
      const after = outcomeFits(placed, state);
      // A read or a refusal that fits may as well come now: it changes nothing, whenever it comes.
      const isRead = !placed.seen || placed.operation.operation.op === 'read';
      if (after && isRead) return [{ placed, after }];
      if (after) steps.push({ placed, after });
      else for (const sku of differences(placed, state)) wanted.add(sku);
    }
    // An unknown operation never has to come, and never by a certain time: so it only comes where it
    // brings a line closer to what one of those that could be next has seen.
    const alike = new Set<string>();
    for (const placed of this.maybe) {
      if (placed.operation.call > untilOrder) break;
      const { operation } = placed.operation;
      if (placed.isPlaced || operation.op === 'read' || !wanted.has(operation.sku)) continue;
      if (alike.has(placed.likeness)) continue;
      alike.add(placed.likeness);
      const after = apply(state, operation);
      if (after && after !== state) steps.push({ placed, after });
    }
    return steps;
  }

  /** The same for two ways to the same place: what is placed, and what it came to. */
  private keyOf(firstOpen: number, state: BasketState): string {
    let key = `${firstOpen}`;
    const { definite } = this.windowFrom(firstOpen);
    const last = definite.at(-1);
    for (let at = firstOpen; last && this.definite[at] !== last; at += 1) {
      if (this.definite[at]?.isPlaced) key += `,${at}`;
    }
    key += `+${this.placed}?`;
    for (const [at, { isPlaced }] of this.maybe.entries()) if (isPlaced) key += `${at},`;
    return `${key}|${textOf(state)}`;
  }

  private remember(state: BasketState, { definite, untilOrder }: Window): void {
    this.furthest = {
      steps: 0,
      placed: this.placed,
      definite: this.definite.length,
      lastPlaced: this.path.slice(-LAST_PLACED).map(({ placed }) => placed.operation),
      state,
      blocked: definite.map(({ operation }) => operation),
      maybe: this.maybe
        .filter(({ isPlaced, operation }) => !isPlaced && operation.call < untilOrder)
        .map(({ operation }) => operation),
    };
  }
}

/** The state after the operation, if it can come now: it then is what the client saw. */
function outcomeFits({ operation, seen }: Definite, state: BasketState): BasketState | undefined {
  const after = apply(state, operation.operation);
  if (!seen) return after ? undefined : state;
  if (!after || after.size !== seen.size) return undefined;
  for (const [sku, quantity] of seen) if (after.get(sku) !== quantity) return undefined;
  return after;
}

/** The lines that would have to be others for the operation to come next. */
function differences({ operation: { operation }, seen }: Definite, state: BasketState): string[] {
  if (operation.op === 'remove' && !seen) return [operation.sku];
  if (!seen) return [];
  const before = new Map(seen);
  const skus = new Set([...state.keys(), ...seen.keys()]);
  if (operation.op !== 'read') {
    const after = seen.get(operation.sku) ?? 0;
    if (operation.op === 'add') before.set(operation.sku, after - operation.quantity);
    else skus.delete(operation.sku);
  }
  const differing = [...skus].filter((sku) => (state.get(sku) ?? 0) !== (before.get(sku) ?? 0));
  const isMissing = operation.op === 'remove' && !state.has(operation.sku);
  return isMissing ? [...differing, operation.sku] : differing;
}

function likenessOf({ operation }: RecordedOperation): string {
  return JSON.stringify(operation);
}
