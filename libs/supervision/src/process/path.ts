import type { Protocol } from '../message/protocol.ts';
import { Alias } from '../message/alias.ts';
import type { DeadLetters } from '../message/dead-letters.ts';
import type { Address, Ref } from '../message/ref.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';

/** The address of a process by the ids from its root down to it: `shop/orders/inbox`. */
export function addressAt<P extends Protocol>(system: Kernel, path: string): Address<P> {
  const [root, ...ids] = path.split('/') as [string, ...string[]];
  return ids.reduce<Address>((parent, id) => new ChildAddress(system, parent, id), new RootAddress(system, root));
}

/** Looks its process up once, and again when that one has ended, so it follows a child through restarts. */
abstract class FoundAddress<P extends Protocol> extends Alias<P> {
  abstract readonly system: Kernel;
  private found: Process | undefined = undefined;

  protected get deadLetters(): DeadLetters {
    return this.system.deadLetters;
  }

  protected abstract find(): Process | undefined;

  whereis(): Ref<P> | undefined {
    if (!this.found?.alive) this.found = this.find();
    return this.found;
  }
}

class RootAddress<P extends Protocol> extends FoundAddress<P> {
  constructor(
    readonly system: Kernel,
    private readonly id: string,
  ) {
    super();
  }

  toString(): string {
    return this.id;
  }

  protected find(): Process | undefined {
    for (const process of this.system.processes as Set<Process>) {
      if (process.parent === undefined && process.spec.id === this.id) return process;
    }
    return undefined;
  }
}

/** The child with this id of the process at the parent's address. */
export class ChildAddress<P extends Protocol> extends FoundAddress<P> {
  constructor(
    readonly system: Kernel,
    private readonly parent: Address,
    private readonly id: string,
  ) {
    super();
  }

  toString(): string {
    return `${this.parent.toString()}/${this.id}`;
  }

  protected find(): Process | undefined {
    const parent = this.parent.whereis() as Process | undefined;
    for (const child of parent?.children ?? []) if (child.spec.id === this.id) return child;
    return undefined;
  }
}
