import { checkFunction, checkNumber, fnv1a } from '@aisle/std';
import { ProcessFailure } from '../failures.ts';
import type { Protocol } from '../message/protocol.ts';
import type { Address } from '../message/ref.ts';
import type { Process } from '../process/process.ts';
import type { ChildOptions, ChildSpec } from './child-spec.ts';
import type { RestartFlags } from './restart-policy.ts';
import { Supervisor, type SupervisorProtocol, type SupervisorTree } from './supervisor.ts';

export interface Partitions extends RestartFlags {
  /** The number of children. */
  partitions: number;
  /** The specification of the child with this index; its id becomes the index. */
  child: (index: number) => ChildSpec;
}

/**
 * Several copies of one server, each with a part of the keys, so that a slow turn holds up one part only. Elixir's
 * `PartitionSupervisor`.
 */
export const PartitionSupervisor = {
  childSpec(
    { partitions, child, ...flags }: Partitions,
    options?: ChildOptions,
  ): ChildSpec<SupervisorTree, SupervisorProtocol> {
    checkNumber('partitions', partitions, { min: 1 });
    checkFunction('child', child);
    const children = Array.from({ length: partitions }, (_, index) => ({
      ...child(index),
      id: String(index),
    }));
    return Supervisor.childSpec(
      { strategy: 'one_for_one', ...flags, children },
      { id: 'PartitionSupervisor', ...options },
    );
  },

  /**
   * The address of the partition for `key`. An integer is placed by the remainder of its absolute value, as in Elixir;
   * anything else by its hash. Throws ProcessFailure.noproc if there is no process at the supervisor's address, and for an invalid
   * key.
   */
  partition<P extends Protocol>(supervisor: Address, key: string | number): Address<P> {
    const process = supervisor.whereis() as Process | undefined;
    if (process === undefined) throw ProcessFailure.noproc(supervisor.toString());
    const { children } = process.spec.args as SupervisorTree;
    const index = indexOf(key) % children.length;
    return Supervisor.child(supervisor, String(index));
  },
};

function indexOf(key: string | number): number {
  if (Number.isInteger(key)) return Math.abs(key as number);
  if (typeof key === 'string') return fnv1a(key);
  return fnv1a(String(checkNumber('key', key, { min: -Number.MAX_VALUE, isWhole: false })));
}
