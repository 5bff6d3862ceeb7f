import { checkText } from '@aisle/std';
import { Alias, type Address, type Name, type Protocol, type Ref } from '@aisle/supervision';
import type { Registry } from './registry.ts';

/**
 * A name in a registry with unique keys, for anywhere an address is taken: messages go to whoever bears it
 * when they are sent. Throws a TypeError for a registry with duplicate keys. As the `name` of a child specification the process registers itself under it.
 */
export function via<P extends Protocol, V>(
  registry: Registry<P, V>,
  key: string,
  ...value: undefined extends V ? [value?: V] : [value: V]
): Address<P> & Name {
  // A key for which several processes may stand is nobody's address.
  if (!registry.isUnique) throw new TypeError('via takes a registry with unique keys, and this one has duplicate keys');
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
