import { ShutdownPlan, type ShutdownPhase, type Stoppable } from '@aisle/std';
import type { FactoryProvider, InjectionToken } from '@nestjs/common';

/** Identifies a provider by its class, or by a symbol of `token` that carries its type. */
export type Token<T> = (abstract new (...parts: never[]) => T) | (symbol & { readonly of?: T });

/** The tokens of several dependencies, under their names or at their indexes. */
export type Tokens<Parts> = { readonly [Name in keyof Parts]: Token<Parts[Name]> };

/** Creates a token for a provider that is not a class. */
export function token<T>(name: string): symbol & { readonly of?: T } {
  return Symbol(name);
}

/** A provider that Nest creates by calling a function with other providers. */
export type Provided<T> = FactoryProvider<T> & { readonly inject: InjectionToken[] };

/**
 * Creates a provider of a class that knows nothing of Nest. The tokens are the arguments of the constructor, either one by one
 * or as the properties of its options. With `make`, that function creates the value from the named dependencies, and the token
 * may have any type. A token of the wrong type does not compile.
 */
export function provided<T, Parts extends readonly unknown[]>(type: new (...parts: Parts) => T, tokens: Tokens<Parts>): Provided<T>;
export function provided<T, Options extends object>(type: new (options: Options) => T, tokens: Tokens<Options>): Provided<T>;
export function provided<T, Parts extends object>(type: Token<T>, tokens: Tokens<Parts>, make: (parts: Parts) => T | Promise<T>): Provided<T>;
export function provided(type: InjectionToken, tokens: object, make?: (parts: object) => unknown): Provided<unknown> {
  const names = Object.keys(tokens);
  return {
    provide: type,
    inject: Object.values(tokens) as InjectionToken[],
    useFactory(...parts: unknown[]): unknown {
      const named = Object.fromEntries(names.map((name, at) => [name, parts[at]]));
      if (make) return make(named);
      const Made = type as new (...parts: unknown[]) => unknown;
      return Array.isArray(tokens) ? new Made(...parts) : new Made(named);
    },
  };
}

/** Registers a provider as a part of the app: the `ShutdownPlan` starts it, and stops it in `phase`. Logs show its `name`. */
export function part<T extends Stoppable>(phase: ShutdownPhase, name: string, provider: Provided<T>): Provided<T> {
  return {
    ...provider,
    inject: [ShutdownPlan, ...provider.inject],
    useFactory: async (plan: ShutdownPlan, ...parts: unknown[]) => plan.register(phase, name, await provider.useFactory(...parts)),
  };
}
