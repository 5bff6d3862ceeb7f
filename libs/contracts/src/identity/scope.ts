import { z } from 'zod';

/** The right to read, or to change, one kind of resource. `write` does not include `read`. */
export const Scope = z
  .enum([
    'baskets:read', 'baskets:write', 'quotes:read', 'catalogue:read', 'catalogue:write', 'stock:read', 'stock:write', 'orders:read', 'orders:write',
    'strategies:read', 'strategies:write', 'consumers:read', 'consumers:write', 'pipelines:read', 'pipelines:write', 'keys:read', 'keys:write', 'tokens:write',
  ])
  .meta({ id: 'Scope', description: 'the right to read or to change one kind of resource; write does not include read' });
export type Scope = z.infer<typeof Scope>;

/** All scopes. */
export const SCOPES: readonly Scope[] = Scope.options;

/** Resources that lie in a market. All others belong to a whole chain. */
const IN_MARKETS: ReadonlySet<string> = new Set(['baskets', 'quotes', 'catalogue', 'stock', 'orders', 'tokens']);

/** Whether the resources of a scope lie in markets, so that a restriction to some markets can apply to them. */
export function isMarketScope(scope: Scope): boolean {
  return IN_MARKETS.has(scope.slice(0, scope.indexOf(':')));
}
