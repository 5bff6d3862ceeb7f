/** The answers so far, by operation. */
export type Answers = Readonly<Record<string, { readonly location: string; readonly body: unknown }>>;

/** An operation to run with its examples, at a time when it succeeds. */
export interface ExampleStep {
  readonly operation: string;
  /** Requests that make it succeed: method, path and body. */
  readonly before?: readonly (readonly [method: string, path: string, body: unknown])[];
  /** Path parameters that no example can know, or that the examples of earlier steps have used up. */
  readonly path?: (answers: Answers) => Readonly<Record<string, string>>;
  /** The operation is repeated until its body has this status. */
  readonly awaits?: string;
}

const M1 = '/v1/markets/m1';
const TEA_DEAL = { name: 'tea-deal', use: 'fixed-off@1', params: { amountMinor: 10 }, scope: { skus: ['GR1'], currencies: ['GBP'] } };
const ROLLOUT = '/v1/strategies/tea-deal/rollout';

/** The id of the resource that an earlier step has created. */
const idOf = (operation: string, answers: Answers): string => answers[operation]?.location.split('/').at(-1) ?? '';
const orderOf = (operation: string) => (answers: Answers): { order: string } => ({ order: idOf(operation, answers) });
const issuedKey = (answers: Answers): { key: string } => ({ key: idOf('createKey', answers) });

/** All operations, in an order in which each succeeds. */
export const EXAMPLE_STEPS: readonly ExampleStep[] = [
  ...['listMarkets', 'getMarket', 'configureMarket', 'createProduct', 'importProducts', 'listProducts', 'getProduct', 'putProduct', 'changeProduct']
    .map((operation) => ({ operation })),
  { operation: 'scanCode', before: [['PATCH', `${M1}/products/GR1`, { codes: [{ kind: 'gtin', value: '4006381333931' }] }]] },
  ...['getStock', 'adjustStock', 'listProductMovements', 'listMovements', 'listStockAlerts', 'quote', 'openBasket', 'addLine', 'setLine', 'changeBasket',
    'getBasket', 'removeLine'].map((operation) => ({ operation })),
  { operation: 'mergeBasket', before: [['POST', `${M1}/baskets/guest-7/lines`, { sku: 'CF1', quantity: 1 }]] },
  { operation: 'clearBasket' },
  { operation: 'checkOut', before: [['POST', `${M1}/baskets/anna/lines`, { sku: 'GR1', quantity: 2 }]] },
  { operation: 'listBasketChanges' },
  { operation: 'placeOrder' },
  { operation: 'cancelOrder', path: orderOf('placeOrder') },
  { operation: 'getOrder', path: orderOf('checkOut'), awaits: 'CONFIRMED' },
  { operation: 'getOrderHistory', path: orderOf('checkOut') },
  { operation: 'listReservations' },
  { operation: 'fulfilOrder', path: orderOf('checkOut') },
  { operation: 'listOrders' },
  ...['startConsumer', 'sendMessage', 'getConsumer', 'listConsumers', 'deleteConsumer', 'configurePipeline', 'startPipeline', 'watchPipeline', 'getPipeline',
    'listPipelines', 'stopPipeline', 'deletePipeline', 'loadStrategy', 'validateStrategyVersion', 'simulateStrategyVersion', 'rollOutStrategy']
    .map((operation) => ({ operation })),
  {
    operation: 'rollBackStrategy',
    before: [
      ['POST', '/v1/strategies', { ...TEA_DEAL, version: '2' }],
      ['POST', '/v1/strategies/tea-deal/versions/2/validate', undefined],
      ['PUT', ROLLOUT, { state: 'active', version: '1' }],
      ['PUT', ROLLOUT, { state: 'active', version: '2' }],
    ],
  },
  ...['listStrategies', 'getStrategy', 'listStrategyVersions', 'listStrategyChanges'].map((operation) => ({ operation })),
  { operation: 'deleteStrategyVersion', before: [['POST', '/v1/strategies', { ...TEA_DEAL, version: '3' }]], path: () => ({ version: '3' }) },
  { operation: 'deleteProduct' },
  { operation: 'createKey' },
  { operation: 'issueToken' },
  { operation: 'putDenial' },
  { operation: 'listDenials' },
  { operation: 'deleteDenial' },
  { operation: 'listKeys' },
  { operation: 'getKey', path: issuedKey },
  { operation: 'revokeKey', path: issuedKey },
];
