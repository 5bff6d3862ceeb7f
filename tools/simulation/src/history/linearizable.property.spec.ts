import fc from 'fast-check';
import { apply, emptyState, stateOf, textOf, type BasketOperation, type BasketState } from './basket-model.ts';
import { History, type RecordedOperation } from './history.ts';
import { checkLinearizable } from './linearizable.ts';

const sku = fc.constantFrom('A', 'B');
const quantity = fc.integer({ min: 1, max: 2 });
const operation: fc.Arbitrary<BasketOperation> = fc.oneof(
  fc.record({ op: fc.constant('add' as const), sku, quantity }),
  fc.record({ op: fc.constant('set' as const), sku, quantity: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ op: fc.constant('remove' as const), sku }),
  fc.constant({ op: 'read' as const }),
);

/** A client's action: its operation, the time of its effect if it has one, and the fate of its answer. */
const action = fc.record({
  operation,
  client: fc.integer({ min: 0, max: 2 }),
  fate: fc.constantFrom('ok', 'ok', 'ok', 'unknown, applied', 'unknown, not applied', 'fail'),
  /** Whether the answer is replaced by a state that another client would have seen. */
  lie: fc.option(fc.dictionary(sku, quantity, { maxKeys: 2 }), { freq: 6, nil: undefined }),
});
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

describe('the linearizability checker', () => {
  it('agrees with an exhaustive search on any history', () => {
    let violated = 0;
    const history = fc.tuple(fc.array(action, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat(99)));
    fc.assert(
      fc.property(history, ([actions, choices]) => {
        const { operations } = play(actions, choices);
        const expected = hasOrder(operations, emptyState);
        if (!expected) violated += 1;

        expect(checkLinearizable({ operations }).kind).toBe(expected ? 'linearizable' : 'violated');
      }),
      { numRuns: 3_000, seed: 1 },
    );
    // The property proves nothing if the generator only makes linearizable histories.
    expect(violated).toBeGreaterThan(300);
  });

  it('accepts every history of a basket that is linearizable', () => {
    const honest = action.map((one) => ({ ...one, lie: undefined }));
    const history = fc.tuple(fc.array(honest, { minLength: 20, maxLength: 60 }), fc.infiniteStream(fc.nat(99)));
    fc.assert(
      fc.property(history, ([actions, choices]) => {
        expect(checkLinearizable(play(actions, choices)).kind).toBe('linearizable');
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

/** Runs the actions of three clients, each client's one by one, interleaved as the choices say. */
function play(actions: readonly Action[], choices: Iterator<number>): History {
  const history = new History(() => 0);
  let state: BasketState = emptyState;
  const clients = [0, 1, 2].map((client) => scriptOf(actions.filter((one) => one.client === client), {
    history,
    client: `client ${client}`,
    effect: (operation) => {
      const after = apply(state, operation);
      state = after ?? state;
      return after;
    },
  }));
  for (let open = clients; open.length > 0;) {
    const script = open[(choices.next().value as number) % open.length] as Iterator<void>;
    if (script.next().done) open = open.filter((other) => other !== script);
  }
  return history;
}

interface Stage {
  readonly history: History;
  readonly client: string;
  readonly effect: (operation: BasketOperation) => BasketState | undefined;
}

function* scriptOf(actions: readonly Action[], { history, client, effect }: Stage): Generator<void> {
  for (const { operation, fate, lie } of actions) {
    const invocation = history.invoke(client, 'basket', operation);
    yield;
    const isApplied = fate === 'ok' || fate === 'unknown, applied';
    const after = isApplied ? effect(operation) : undefined;
    yield;
    if (fate === 'fail') invocation.fail();
    else if (fate !== 'ok') invocation.unknown();
    else if (lie) invocation.ok(lie);
    else if (after) invocation.ok(Object.fromEntries(after));
    else invocation.refused();
  }
}

/** Tries every order of the operations that respects their calls and returns. */
function hasOrder(operations: readonly RecordedOperation[], state: BasketState): boolean {
  const open = operations.filter(({ outcome }) => outcome.kind !== 'fail');
  if (open.every(({ outcome }) => outcome.kind === 'unknown')) return true;
  const firstEnd = Math.min(...open.map(({ end }) => end ?? Infinity));
  return open.some((next) => {
    if (next.call > firstEnd) return false;
    const after = apply(state, next.operation);
    const rest = open.filter((other) => other !== next);
    switch (next.outcome.kind) {
      case 'refused': return after === undefined && hasOrder(rest, state);
      case 'ok': {
        const isSeen = after !== undefined && textOf(after) === textOf(stateOf(next.outcome.lines));
        return isSeen && hasOrder(rest, after);
      }
      case 'unknown': case 'fail': return hasOrder(rest, after ?? state);
    }
  });
}
