import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  AddItem, Basket, BasketJournal, BasketProtocol, Batch, CheckOut, CheckedOut, Identifier, MergeBasket, SetLine, type ClientOf,
  type DocumentReply,
} from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { CODE_SCANNED, PRODUCT_NAMED } from '../problems/problems.ts';
import { changed, document, tagged, type Document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { MarketPath, NumberCursor, Page } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';

const BasketPath = MarketPath.extend({ basket: Identifier.meta({ description: 'the id of the basket, as its client names it', examples: ['anna'] }) });
type BasketPath = z.infer<typeof BasketPath>;
const LinePath = BasketPath.extend({ sku: Identifier.meta({ description: 'the SKU of the product on the line', examples: ['GR1'] }) });
type LinePath = z.infer<typeof LinePath>;

const JournalPage = Page.extend({ cursor: NumberCursor.default('0') });
type JournalPage = z.infer<typeof JournalPage>;

/** Failures of every operation on one basket. */
const ANY = ['basket.missing', 'basket.expired', 'basket.merged', 'basket.restarting', 'market.unknown', 'pricing.behind', 'product.crashed'] as const;
/** Failures of every command to a basket. */
const COMMANDED = [...ANY, 'basket.version_mismatch', 'basket.sealed', 'basket.plan_outdated', 'basket.opening_over'] as const;
/** Failures of commands that put units of products in a basket. */
const FILLED = [...COMMANDED, ...PRODUCT_NAMED, ...CODE_SCANNED, 'basket.full', 'basket.line_full'] as const;

const COMMAND = { conditions: 'change', key: 'echoed' } as const;
const CREATES = { statuses: [200, 201] as [number, number], ...COMMAND };
const CHANGE = { ...COMMAND, minimal: true } as const;
const LOCATED = { ...CREATES, location: 'the URL of the new basket' };

/** The routes of baskets. Every write becomes a batch of operations. */
@ApiTags('Baskets')
@Controller('v1/markets/:market/baskets/:basket')
export class BasketsController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('PUT', { scope: 'baskets:write', isForShoppers: true, summary: 'Creates the basket, or reads it if it exists.', path: BasketPath, answers: changed(Basket, { errors: COMMANDED, ...CREATES }) })
  openBasket(@Param() path: BasketPath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.basket(path, caller).open(caller.precondition);
  }

  @Route('GET', { scope: 'baskets:read', isForShoppers: true, summary: 'Reads the basket.', path: BasketPath, answers: tagged(Basket, { errors: [...ANY, 'basket.opening_over'] }) })
  getBasket(@Param() path: BasketPath, @Caller() caller: Caller): Promise<DocumentReply> {
    const basket = this.commands.reading(BasketProtocol, path, caller);
    const { basket: own } = caller.principal;
    return own ? basket.visit({ opening: own.opening }) : basket.read();
  }

  @Route('DELETE', { scope: 'baskets:write', isForShoppers: true, summary: 'Removes every line from the basket.', path: BasketPath, answers: changed(Basket, { errors: COMMANDED, ...CHANGE }) })
  clearBasket(@Param() path: BasketPath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.change(path, [{ op: 'clear' }], caller);
  }

  @Route('POST lines', {
    scope: 'baskets:write', isForShoppers: true,
    summary: 'Adds units of a product to the basket, which is created if it does not exist.', path: BasketPath, body: AddItem,
    example: { sku: 'GR1', quantity: 2 }, answers: changed(Basket, { errors: FILLED, ...LOCATED, ...CHANGE }),
  })
  addLine(@Param() path: BasketPath, @Body() item: AddItem, @Caller() caller: Caller): Promise<Document<Basket>> {
    return located(path, this.change(path, [{ op: 'add', ...item }], caller));
  }

  @Route('PUT lines/:sku', {
    scope: 'baskets:write', isForShoppers: true,
    summary: 'Sets the quantity of a line; 0 removes the line.', path: LinePath, body: SetLine, example: { quantity: 3 },
    answers: changed(Basket, { errors: FILLED, ...LOCATED, ...CHANGE }),
  })
  setLine(@Param() path: LinePath, @Body() line: SetLine, @Caller() caller: Caller): Promise<Document<Basket>> {
    return located(path, this.change(path, [{ op: 'set', sku: path.sku, ...line }], caller));
  }

  @Route('DELETE lines/:sku', { scope: 'baskets:write', isForShoppers: true, summary: 'Removes a line from the basket.', path: LinePath, answers: changed(Basket, { errors: [...COMMANDED, 'basket.line_missing'], ...CHANGE }) })
  removeLine(@Param() path: LinePath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.change(path, [{ op: 'remove', sku: path.sku }], caller);
  }

  @Route('POST commands', {
    scope: 'baskets:write', isForShoppers: true,
    summary: 'Applies a batch of operations in order, all or nothing, and prices the basket once.', path: BasketPath, body: Batch,
    example: [{ op: 'add', sku: 'GR1', quantity: 2 }, { op: 'set', sku: 'SR1', quantity: 1 }],
    costs: (operations) => operations.length,
    answers: changed(Basket, { errors: [...FILLED, 'basket.line_missing'], ...LOCATED, ...CHANGE }),
  })
  changeBasket(@Param() path: BasketPath, @Body() operations: Batch, @Caller() caller: Caller): Promise<Document<Basket>> {
    return located(path, this.change(path, operations, caller));
  }

  @Route('POST merge', {
    scope: 'baskets:write',
    summary: 'Moves the lines of another basket into this one, and closes the other basket.',
    description: 'Use it when a guest logs in and already has a basket.', path: BasketPath, body: MergeBasket,
    example: { from: 'guest-7', mode: 'sum' },
    answers: changed(Basket, { errors: [...FILLED, 'basket.merge_into_itself', 'basket.target_merging'], ...LOCATED }),
  })
  mergeBasket(@Param() { market, basket: into }: BasketPath, @Body() { from, mode }: MergeBasket, @Caller() caller: Caller): Promise<Document<Basket>> {
    // The message goes to the basket that the merge closes, because its server drives the merge.
    return located({ market, basket: into }, this.basket({ market, basket: from }, caller).merge({ into, mode, ...caller.precondition }));
  }

  @Route('POST checkout', {
    scope: 'baskets:write', isForShoppers: true,
    summary: 'Orders all lines at current prices, and empties the basket, which stays open.',
    description: '`Location` is the URL of the order. If the order is rejected for lack of stock, its lines return to the basket.',
    path: BasketPath, body: CheckOut, example: { total: { amount: 311, currency: 'GBP' } },
    answers: changed(CheckedOut, {
      errors: [...COMMANDED, 'basket.empty', 'basket.products_unavailable', 'basket.total_changed', 'tax.rate_unknown', 'tax.category_missing'],
      statuses: [202], location: 'the URL of the order', ...COMMAND,
    }),
  })
  async checkOut(@Param() path: BasketPath, @Body() { total }: CheckOut, @Caller() caller: Caller): Promise<Document<CheckedOut>> {
    const { orderId, ...ordered } = await this.basket(path, caller).checkout({ ...caller.precondition, ...(total ? { total } : {}) });
    return { ...ordered, location: `/v1/orders/${encodeURIComponent(orderId)}` };
  }

  @Route('GET journal', {
    scope: 'baskets:read',
    summary: 'Lists every accepted command of the basket, oldest first.', path: BasketPath, query: JournalPage, answers: document(BasketJournal, { errors: ANY }),
  })
  listBasketChanges(@Param() path: BasketPath, @Query() { limit, cursor }: JournalPage, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.commands.reading(BasketProtocol, path, caller).journal({ afterVersion: Number(cursor), limit });
  }

  private change(path: BasketPath, operations: Batch, caller: Caller): Promise<DocumentReply> {
    return this.basket(path, caller).change({ operations, ...(caller.prefersMinimal ? { minimal: true } : {}), ...caller.precondition });
  }

  private basket(path: BasketPath, caller: Caller): ClientOf<typeof BasketProtocol> {
    return this.commands.to(BasketProtocol, path, caller);
  }
}

/** Adds the URL of the basket, for `Location` if the command created it. */
async function located({ market, basket }: BasketPath, command: Promise<DocumentReply>): Promise<Document<Basket>> {
  const reply = await command;
  if (!reply.created) return reply;
  return { ...reply, location: `/v1/markets/${encodeURIComponent(market)}/baskets/${encodeURIComponent(basket)}` };
}
