import { checkText } from '@aisle/std';
import { Alias, type Address, type Name, type Protocol, type Ref } from '@aisle/supervision';
import type { Registry } from './registry.ts';

/**
 * An address for a name in a registry with unique keys, wherever an address is accepted. A message goes to the process
 * that has the name at the moment of sending. Throws a TypeError for a registry with duplicate keys. As the `name` of a
 * child specification it makes the process register itself under the name.
 */
export function via<P extends Protocol, V>(
  registry: Registry<P, V>,
  key: string,
  ...value: undefined extends V ? [value?: V] : [value: V]
): Address<P> & Name {
  // A key that several processes may share is no address.
  if (!registry.isUnique) throw new TypeError('via needs a registry with unique keys; this one has duplicate keys');
  return new Via(registry, checkText('key', key), value[0] as V);
}

class Via<P extends Protocol, V> extends Alias<P> implements Name {
  protected readonly deadLetters;

  constructor(
    private readonly registry: Registry<P, V>,
    private readonly key: string,
    private readonly value: V,
  ) {
    super();
    this.deadLetters = registry.system.deadLetters;
  }

  whereis(): Ref<P> | undefined {
    return this.registry.whereis(this.key);
  }

  register(ref: Ref): void {
    this.registry.register(ref, this.key, this.value);
  }

  toString(): string {
    return this.key;
  }
}
