import { Inject, type Type } from '@nestjs/common';
import type { Protocol, Unchecked } from '../message/protocol.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';

/** A provider that is a child of the tree. Nest injects its dependencies, and it returns its own child specification. */
export interface ChildProvider<P extends Protocol = Unchecked> {
  childSpec(): ChildSpec<Unchecked, P>;
}

const tokens = new WeakMap<object, symbol>();

/** The injection token of a child's address, by its path of ids or by its class. */
export function refToken(child: string | Type<ChildProvider>): string | symbol {
  if (typeof child === 'string') return `@aisle/supervision:${child}`;
  const token = tokens.get(child) ?? Symbol(child.name);
  tokens.set(child, token);
  return token;
}

/**
 * Injects the address of a child in the tree of `SupervisionModule`. The child is given by its class, its id, or its path of ids
 * below a supervisor, such as `orders/inbox`. The address follows the child through its restarts. It has no process before the application
 * has started.
 */
export function InjectRef(child: string | Type<ChildProvider>): PropertyDecorator & ParameterDecorator {
  return Inject(refToken(child));
}
