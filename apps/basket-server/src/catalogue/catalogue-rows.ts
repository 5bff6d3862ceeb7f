import { CatalogueRevisionRow } from './catalogue-revision.row.ts';
import { MarketRow } from './market.row.ts';
import { ProductRow } from './product.row.ts';

/** The catalogue's tables. */
export const catalogueRows = [MarketRow, ProductRow, CatalogueRevisionRow] as const;
