import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  Identifier, NewProduct, Product, ProductChange, ProductEdit, ProductList, ProductProtocol,
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
  async list(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Query({ schema: ProductPage }) page: ProductPage,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendRead({ request, reply }, await this.commands.to(ProductProtocol, { market }, request).list(page));
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
    const body = { product, ...(sku === undefined ? {} : { sku }), ...preconditionOf(request) };
    const place = `/v1/markets/${encodeURIComponent(market)}/products/`;
    return sendChanged(
      { request, reply },
      (caller) => this.commands.to(ProductProtocol, { market }, caller).create(body),
      (made) => place + encodeURIComponent(made.sku),
    );
  }

  /** The product. */
  @Get(':sku')
  @AnswersTagged(Product)
  async read(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendRead({ request, reply }, await this.commands.to(ProductProtocol, { market }, request).read({ sku }));
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
    const body = { sku, product, ...preconditionOf(request) };
    return sendChanged({ request, reply }, (caller) => this.commands.to(ProductProtocol, { market }, caller).replace(body));
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
    const body = { sku, change, ...preconditionOf(request) };
    return sendChanged({ request, reply }, (caller) => this.commands.to(ProductProtocol, { market }, caller).change(body));
  }

  /** It is not sold any more. Its history stays, and what orders were promised may still leave; the rest is written off. */
  @Delete(':sku')
  @DeletesProduct()
  delete(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body = { sku, ...preconditionOf(request) };
    return sendChanged({ request, reply }, (caller) => this.commands.to(ProductProtocol, { market }, caller).delete(body));
  }
}
