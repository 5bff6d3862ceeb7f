import { DynamicSupervisor, Supervisor, type ChildSpec, type SupervisorTree } from '@aisle/supervision';

/**
 * The processes of a market server: below DynamicMarketSupervisor a MarketServer a market, temporary, since only its rows
 * bring a market back.
 */
export function marketTree(marketsMax: number): ChildSpec {
  const tree: SupervisorTree = {
    strategy: 'one_for_one',
    children: [DynamicSupervisor.childSpec({ maxChildren: marketsMax }, { id: DYNAMIC_MARKET_SUPERVISOR })],
  };
  return Supervisor.childSpec(tree, { id: 'Market' });
}

export const DYNAMIC_MARKET_SUPERVISOR = 'DynamicMarketSupervisor';
