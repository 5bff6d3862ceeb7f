import { DynamicSupervisor, Supervisor, type ChildSpec, type SupervisorTree } from '@aisle/supervision';

/**
 * The processes of a basket-server. Below DynamicUserBasketSupervisor there is one UserBasketServer per basket. It is
 * temporary, since only the journal can restore a basket. Below it, DynamicProductSupervisor has one ProductServer per
 * product. It is permanent, since a product has no state to lose.
 */
export function basketServerTree(basketsMax: number): ChildSpec {
  const tree: SupervisorTree = {
    strategy: 'one_for_one',
    children: [DynamicSupervisor.childSpec({ maxChildren: basketsMax }, { id: DYNAMIC_USER_BASKET_SUPERVISOR })],
  };
  return Supervisor.childSpec(tree, { id: 'BasketServer' });
}

export const DYNAMIC_USER_BASKET_SUPERVISOR = 'DynamicUserBasketSupervisor';
