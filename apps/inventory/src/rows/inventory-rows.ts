import { InventoryRow } from './inventory.row.ts';
import { LedgerEntryRow } from './ledger-entry.row.ts';
import { LedgerLineRow } from './ledger-line.row.ts';
import { StockMovementRow } from './stock-movement.row.ts';

/** The entities of the schema `inventory`. */
export const inventoryRows = [LedgerEntryRow, LedgerLineRow, InventoryRow, StockMovementRow];
