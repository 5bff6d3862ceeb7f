import { assert } from '@aisle/std';
import type { ActorHistory } from './journal-storage.ts';
import { fromBytes } from './json-bytes.ts';

/**
 * An actor as pure functions over immutable values. States, events and outcomes are never changed in place. Events and
 * outcomes are JSON values.
 */
export interface Behaviour<State, Command, Event, Outcome> {
  readonly initial: State;
  /** The effect of a command on this state. Throws a `Failure` to refuse it, and then nothing is journalled. */
  decide(state: State, command: Command): { readonly events: readonly Event[]; readonly outcome: Outcome };
  evolve(state: State, event: Event): State;
  /** Increase it when `save` changes its shape. */
  readonly schemaVersion: number;
  /** Encodes a state as a JSON value. `restore` decodes it, also from the shape of every earlier `schemaVersion`. */
  save(state: State): unknown;
  restore(saved: unknown, schemaVersion: number): State;
}

/** A command with the id by which a retry finds the first answer. */
export interface Submission<Command> {
  readonly id: string;
  /** Equal for a retry, different for another payload; up to 32 bytes. */
  readonly payloadHash: Uint8Array;
  readonly command: Command;
}

/** The result of a committed command. A replay returns the same answer, with the state as it was then. */
export interface Reply<State, Outcome> {
  readonly seq: number;
  readonly state: State;
  readonly outcome: Outcome;
  readonly replayed: boolean;
}

/** A state, with the number of commands that made it. */
export interface Version<State> {
  readonly seq: number;
  readonly state: State;
}

type Evolution<State, Event> = Pick<Behaviour<State, never, Event, unknown>, 'evolve'>;

/** The state after these events. */
export function evolved<State, Event>(
  behaviour: Evolution<State, Event>, state: State, events: readonly Event[],
): State {
  return events.reduce<State>((before, event) => behaviour.evolve(before, event), state);
}

/** The state of an actor from its loaded history. */
export function rebuilt<State, Event>(
  behaviour: Behaviour<State, never, Event, unknown>, { actor, snapshot, rows }: ActorHistory,
): Version<State> {
  let seq = snapshot?.seq ?? 0;
  let state = snapshot
    ? behaviour.restore(fromBytes(snapshot.state), snapshot.schemaVersion)
    : behaviour.initial;
  for (const row of rows) {
    assert(row.seq === seq + 1, `the journal has no gap: ${actor} goes from ${seq} to ${row.seq}`);
    seq = row.seq;
    state = evolved(behaviour, state, fromBytes(row.events) as Event[]);
  }
  return { seq, state };
}
