import { apply, emptyState, stateOf, textOf, type BasketState } from './basket-model.ts';
import type { RecordedOperation } from './history.ts';

/** The result of the search for an order of one basket's operations. */
export type Linearization =
  | { readonly kind: 'linearized' }
  | ({ readonly kind: 'stuck' | 'gave up' } & Obstacle);

/** The longest order that was found, and the operations that cannot continue it. */
export interface Obstacle {
  readonly steps: number;
  /** The number of operations with a known outcome that the order contains; `definite` is the number of all of them. */
  readonly placed: number;
  readonly definite: number;
  /** The last operations of the order. */
  readonly lastPlaced: readonly RecordedOperation[];
  readonly state: BasketState;
  /** Operations with a known outcome, of which one would have to come next. */
  readonly blocked: readonly RecordedOperation[];
  /** Operations of unknown outcome that might come next, but enable none of the blocked ones. */
  readonly maybe: readonly RecordedOperation[];
}

/** Searches for an order of the operations that explains their outcomes, in at most `stepsMax` steps. */
export function linearize(operations: readonly RecordedOperation[], stepsMax: number): Linearization {
  return new Search(operations).run(stepsMax);
}

const LAST_PLACED = 8;

interface Definite {
  readonly operation: RecordedOperation;
  readonly end: number;
  /** The state that the client saw after the operation; undefined for a refusal, which shows no lines. */
  readonly seen: BasketState | undefined;
  isPlaced: boolean;
}

interface Maybe {
  readonly operation: RecordedOperation;
  /** Equal for operations that are interchangeable. */
  readonly likeness: string;
  isPlaced: boolean;
}

interface SearchStep {
  readonly placed: Definite | Maybe;
  readonly after: BasketState;
}

/** A node of the search tree: the steps that are possible next, and how many of them were tried. */
interface SearchNode {
  readonly state: BasketState;
  readonly firstOpen: number;
  readonly steps: readonly SearchStep[];
  tried: number;
}

/** The operations that may come next: their calls precede the first return of an operation that is not placed yet. */
interface Window {
  readonly definite: readonly Definite[];
  readonly untilOrder: number;
}

class Search {
  private readonly definite: readonly Definite[];
  private readonly maybe: readonly Maybe[];
  private readonly seen = new Set<string>();
  private readonly path: SearchStep[] = [];
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
    // A read of unknown outcome has no effect, so it needs no place in the order.
    this.maybe = inOrder
      .filter(({ outcome, operation }) => outcome.kind === 'unknown' && operation.op !== 'read')
      .map((operation) => ({ operation, likeness: likenessOf(operation), isPlaced: false }));
  }

  // Depth first, without recursion: a history may be longer than the stack is deep.
  run(stepsMax: number): Linearization {
    const nodes: SearchNode[] = [this.arrive(emptyState, 0)];
    for (let taken = 0; ; taken += 1) {
      if (this.placed === this.definite.length) return { kind: 'linearized' };
      const node = nodes.at(-1);
      if (!node) return { kind: 'stuck', ...(this.furthest as Obstacle), steps: taken };
      if (taken >= stepsMax) return { kind: 'gave up', ...(this.furthest as Obstacle), steps: taken };
      const step = node.steps[node.tried];
      node.tried += 1;
      if (!step) {
        nodes.pop();
        if (nodes.length > 0) this.undo();
        continue;
      }
      this.take(step);
      const firstOpen = this.firstOpenFrom(node.firstOpen);
      const key = this.keyOf(firstOpen, step.after);
      if (this.seen.has(key)) {
        this.undo();
        continue;
      }
      this.seen.add(key);
      nodes.push(this.arrive(step.after, firstOpen));
    }
  }

  private arrive(state: BasketState, firstOpen: number): SearchNode {
    const window = this.windowFrom(firstOpen);
    const steps = this.stepsFrom(state, window);
    if (!this.furthest || this.placed > this.furthest.placed) this.remember(state, window);
    return { state, firstOpen, steps, tried: 0 };
  }

  private take(step: SearchStep): void {
    step.placed.isPlaced = true;
    this.path.push(step);
    if ('end' in step.placed) this.placed += 1;
  }

  private undo(): void {
    const { placed } = this.path.pop() as SearchStep;
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

  private stepsFrom(state: BasketState, { definite, untilOrder }: Window): SearchStep[] {
    const steps: SearchStep[] = [];
    const wanted = new Set<string>();
    for (const placed of definite) {
      const after = outcomeFits(placed, state);
      // A read or a refusal that fits comes next without an alternative: it changes nothing at any time.
      const isRead = !placed.seen || placed.operation.operation.op === 'read';
      if (after && isRead) return [{ placed, after }];
      if (after) steps.push({ placed, after });
      else for (const sku of differences(placed, state)) wanted.add(sku);
    }
    // An operation of unknown outcome never has to take effect. So it is tried only where it changes a line that keeps an operation of
    // the window from coming next.
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

  /** Equal for two paths that place the same operations and end in the same state. */
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

/** The state after the operation if it can come now, which means that it is the state that the client saw. */
function outcomeFits({ operation, seen }: Definite, state: BasketState): BasketState | undefined {
  const after = apply(state, operation.operation);
  if (!seen) return after ? undefined : state;
  if (!after || after.size !== seen.size) return undefined;
  for (const [sku, quantity] of seen) if (after.get(sku) !== quantity) return undefined;
  return after;
}

/** The products whose lines would have to differ for the operation to come next. */
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
