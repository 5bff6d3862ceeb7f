import { DynamicSupervisor, Supervisor, type ChildSpec, type SupervisorTree } from '@aisle/supervision';

/**
 * The processes of a market server. Below DynamicMarketSupervisor there is one MarketServer per market. It is temporary,
 * since only its rows can restore a market.
 */
export function marketTree(marketsMax: number): ChildSpec {
  const tree: SupervisorTree = {
    strategy: 'one_for_one',
    children: [DynamicSupervisor.childSpec({ maxChildren: marketsMax }, { id: DYNAMIC_MARKET_SUPERVISOR })],
  };
  return Supervisor.childSpec(tree, { id: 'Market' });
}

export const DYNAMIC_MARKET_SUPERVISOR = 'DynamicMarketSupervisor';
