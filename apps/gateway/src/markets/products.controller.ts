import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  Identifier, MARKET_MESSAGES, NewProduct, Product, ProductChange, ProductEdit, ProductList, type ChangeProduct,
  type CreateProduct, type DeleteProduct, type ReadProducts, type ReplaceProduct,
} from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { preconditionOf } from '../conditions/conditions.ts';
import { Page } from '../page.ts';
import { MarketPath, ProductPath, sendChanged, sendRead } from './documents.ts';
import { Answers, AnswersTagged, ChangesProduct, DeletesProduct, ReplacesProduct, TakesProduct } from './openapi.ts';

const ProductPage = Page.extend({ category: Identifier.optional() });
type ProductPage = z.infer<typeof ProductPage>;

/** What a market sells. */
@Controller('v1/markets/:market/products')
export class ProductsController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /** Products, by SKU. */
  @Get()
  @Answers(ProductList)
  list(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Query({ schema: ProductPage }) page: ProductPage,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: ReadProducts = page;
    return sendRead(this.commands, { type: MARKET_MESSAGES.products, market, body, request, reply });
  }

  /** Takes a product, which gets a SKU when it has none. A market that is not there is made by its first product. */
  @Post()
  @TakesProduct()
  create(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Body({ schema: NewProduct }) { sku, ...product }: NewProduct,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: CreateProduct = { product, ...(sku === undefined ? {} : { sku }), ...preconditionOf(request) };
    const place = `/v1/markets/${encodeURIComponent(market)}/products/`;
    return sendChanged(
      this.commands, { type: MARKET_MESSAGES.createProduct, market, body, request, reply },
      (made) => place + encodeURIComponent(made.sku),
    );
  }

  /** The product. */
  @Get(':sku')
  @AnswersTagged(Product)
  read(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return sendRead(this.commands, { type: MARKET_MESSAGES.readProduct, market, body: { sku }, request, reply });
  }

  /**
   * Makes the product, or changes it; what is left out stays as it is, and null wipes it. A change of one that is there says by
   * `If-Match` which version it is of.
   */
  @Put(':sku')
  @ReplacesProduct()
  replace(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Body({ schema: ProductEdit }) product: ProductEdit,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: ReplaceProduct = { sku, product, ...preconditionOf(request) };
    return sendChanged(this.commands, { type: MARKET_MESSAGES.replaceProduct, market, body, request, reply });
  }

  /** Changes what is said of it; what is left out stays as it is. */
  @Patch(':sku')
  @ChangesProduct()
  change(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Body({ schema: ProductChange }) change: ProductChange,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: ChangeProduct = { sku, change, ...preconditionOf(request) };
    return sendChanged(this.commands, { type: MARKET_MESSAGES.changeProduct, market, body, request, reply });
  }

  /** It is not sold any more. Its history stays, and what orders were promised may still leave; the rest is written off. */
  @Delete(':sku')
  @DeletesProduct()
  delete(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: DeleteProduct = { sku, ...preconditionOf(request) };
    return sendChanged(this.commands, { type: MARKET_MESSAGES.deleteProduct, market, body, request, reply });
  }
}
