import { ShutdownPlan, type ShutdownPhase, type Stoppable } from '@aisle/std';
import type { FactoryProvider, InjectionToken } from '@nestjs/common';

/** Names a provider: its class, or a symbol of `token` that knows its type. */
export type Token<T> = (abstract new (...parts: never[]) => T) | (symbol & { readonly of?: T });

/** The tokens of some parts, under the names of these. */
export type Tokens<Parts> = { readonly [Name in keyof Parts]: Token<Parts[Name]> };

/** A token for a provider that is no class. */
export function token<T>(name: string): symbol & { readonly of?: T } {
  return Symbol(name);
}

/** A provider that Nest makes by calling a function with other providers. */
export type Provided<T> = FactoryProvider<T> & { readonly inject: InjectionToken[] };

/**
 * A provider of a class, which knows nothing of Nest: the tokens name what its constructor takes, one by one, or as the
 * properties of its options. With `make`, that function makes it of the named parts, and the token may be of any type. A token of
 * the wrong type does not compile.
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

/** A provider that is started when the app is complete, and stopped in a phase of its shutdown; logs call it by `name`. */
export function part<T extends Stoppable>(phase: ShutdownPhase, name: string, provider: Provided<T>): Provided<T> {
  return {
    ...provider,
    inject: [ShutdownPlan, ...provider.inject],
    useFactory: async (plan: ShutdownPlan, ...parts: unknown[]) => plan.register(phase, name, await provider.useFactory(...parts)),
  };
}
