/** The paths of a cart's requests: POST to add, GET to read. */
export interface Routes {
  add(market: string, basket: string): string;
  read(market: string, basket: string): string;
}

/** The routes of Aisle's gateway. */
export const AISLE_ROUTES: Routes = {
  add: (market, basket) => `${AISLE_ROUTES.read(market, basket)}/lines`,
  read: (market, basket) => `/v1/markets/${market}/baskets/${basket}`,
};
