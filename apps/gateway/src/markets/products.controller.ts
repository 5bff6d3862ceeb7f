import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  Identifier, NewProduct, Product, ProductChange, ProductEdit, ProductList, ProductProtocol, type ClientOf, type DocumentReply,
} from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { changed, tagged, type Document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { MarketPath, Page, ProductPath } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';

const ProductPage = Page.extend({ category: Identifier.optional().meta({ description: 'only products of this category' }) });
type ProductPage = z.infer<typeof ProductPage>;

const COMMAND = { conditions: 'change', key: 'echoed' } as const;
/** Failures of changes to a product. */
const EDITED = [
  'market.unknown', 'market.restarting', 'precondition.failed', 'product.code_taken', 'product.lots_several', 'product.price_foreign', 'product.unit_fixed',
  'product.untaxed', 'stock.insufficient', 'stock.lot_dated', 'stock.lots_full', 'stock.promised', 'stock.too_much', 'barcode.check_digit',
] as const;
const TEA = { name: 'Green tea', category: 'tea', price: { amount: 311, currency: 'GBP' }, quantity: 40 };

/** The routes of a market's products. */
@ApiTags('Products')
@Controller('v1/markets/:market/products')
export class ProductsController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('GET', {
    scope: 'catalogue:read', isForShoppers: true,
    summary: 'Lists products by SKU.', path: MarketPath, query: ProductPage,
    answers: tagged(ProductList, { restated: true, errors: ['market.unknown', 'market.restarting', 'page.cursor_invalid'] }),
  })
  listProducts(@Param() path: MarketPath, @Query() page: ProductPage, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.commands.reading(ProductProtocol, path, caller).list(page);
  }

  @Route('POST', {
    scope: 'catalogue:write',
    summary: 'Creates a product, and gives it a SKU if the body has none.',
    description: 'The market is created with its first product if it does not exist.', path: MarketPath, body: NewProduct,
    example: { sku: 'JAM1', name: 'Strawberry jam', category: 'preserves', price: { amount: 249, currency: 'GBP' }, quantity: 12 }, answers: changed(Product, { statuses: [201], errors: [...EDITED, 'market.full', 'product.exists'], location: 'the URL of the product', ...COMMAND }),
  })
  async createProduct(
    @Param() path: MarketPath, @Body() { sku, ...product }: NewProduct, @Caller() caller: Caller,
  ): Promise<Document<Product>> {
    const made = await this.products(path, caller).create({ product, ...(sku === undefined ? {} : { sku }), ...caller.precondition });
    const created = JSON.parse(made.json) as Product;
    return { ...made, location: `/v1/markets/${encodeURIComponent(path.market)}/products/${encodeURIComponent(created.sku)}` };
  }

  @Route('GET :sku', { scope: 'catalogue:read', isForShoppers: true, summary: 'Reads the product.', path: ProductPath, answers: tagged(Product, { errors: ['market.unknown', 'market.restarting', 'product.missing'] }) })
  getProduct(@Param() { market, sku }: ProductPath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.commands.reading(ProductProtocol, { market }, caller).read({ sku });
  }

  @Route('PUT :sku', {
    scope: 'catalogue:write',
    summary: 'Creates the product, or changes the fields that the body names; null clears a field.',
    description: 'A change of an existing product has to name the version that it replaces in `If-Match`.', path: ProductPath, body: ProductEdit,
    example: TEA, answers: changed(Product, { statuses: [200, 201], errors: [...EDITED, 'market.full', 'precondition.required'], ...COMMAND }),
  })
  putProduct(@Param() { market, sku }: ProductPath, @Body() product: ProductEdit, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.products({ market }, caller).replace({ sku, product, ...caller.precondition });
  }

  @Route('PATCH :sku', {
    scope: 'catalogue:write',
    summary: 'Changes the fields of the product that the body names.', description: 'Null clears a field, as in a JSON Merge Patch (RFC 7396).',
    path: ProductPath, accepts: ['application/json', 'application/merge-patch+json'], body: ProductChange,
    example: { description: 'From Assam, in bags of 125 g', category: 'tea' }, answers: changed(Product, { errors: [...EDITED, 'product.missing'], ...COMMAND }),
  })
  changeProduct(@Param() { market, sku }: ProductPath, @Body() change: ProductChange, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.products({ market }, caller).change({ sku, change, ...caller.precondition });
  }

  @Route('DELETE :sku', {
    scope: 'catalogue:write',
    summary: 'Removes the product from the range.',
    description: 'Its history stays. Units that are promised to orders may still be delivered; the rest is written off.', path: ProductPath,
    answers: changed(Product, { gone: 'the product is no longer sold', errors: ['market.unknown', 'market.restarting', 'product.missing', 'precondition.failed'], ...COMMAND }),
  })
  deleteProduct(@Param() { market, sku }: ProductPath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.products({ market }, caller).delete({ sku, ...caller.precondition });
  }

  private products(path: MarketPath, caller: Caller): ClientOf<typeof ProductProtocol> {
    return this.commands.to(ProductProtocol, path, caller);
  }
}
