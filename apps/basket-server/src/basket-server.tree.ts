import { DynamicSupervisor, Supervisor, type ChildSpec, type SupervisorTree } from '@aisle/supervision';

/**
 * The processes of a basket-server. Below DynamicUserBasketSupervisor: a UserBasketServer a basket
 * (temporary, since only the journal brings a basket back), and below that its
 * DynamicProductSupervisor with a ProductServer a product (permanent: a product has no state to lose).
 */
export function basketServerTree(basketsMax: number): ChildSpec {
  const tree: SupervisorTree = {
    strategy: 'one_for_one',
    children: [DynamicSupervisor.childSpec({ maxChildren: basketsMax }, { id: DYNAMIC_USER_BASKET_SUPERVISOR })],
  };
  return Supervisor.childSpec(tree, { id: 'BasketServer' });
}

export const DYNAMIC_USER_BASKET_SUPERVISOR = 'DynamicUserBasketSupervisor';
