import { Inject, type Type } from '@nestjs/common';
import type { Protocol, Unchecked } from '../message/protocol.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';

/** A provider that is a child of the tree: Nest gives it what it needs, and it says how to start. */
export interface ChildProvider<P extends Protocol = Unchecked> {
  childSpec(): ChildSpec<Unchecked, P>;
}

const tokens = new WeakMap<object, symbol>();

/** The injection token of a child's address: by its path of ids, or by the class that provides it. */
export function refToken(child: string | Type<ChildProvider>): string | symbol {
  if (typeof child === 'string') return `@aisle/supervision:${child}`;
  const token = tokens.get(child) ?? Symbol(child.name);
  tokens.set(child, token);
  return token;
}

/**
 * Injects the address of a child in the tree of `SupervisionModule`: by the class that provides it, or by
 * its id; below a supervisor by the path of ids, `orders/inbox`. The address follows the child through
 * its restarts. Until the application has started nobody lives there.
 */
export function InjectRef(child: string | Type<ChildProvider>): PropertyDecorator & ParameterDecorator {
  return Inject(refToken(child));
}
