import { OrderHistoryRow } from './order-history.row.ts';
import { OrderLineRow } from './order-line.row.ts';
import { OrderRow } from './order.row.ts';
import { ProductRow } from './product.row.ts';

/** The entities of the schema `orders`. */
export const ordersRows = [OrderRow, OrderLineRow, OrderHistoryRow, ProductRow];
