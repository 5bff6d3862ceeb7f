import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  AddItem, Basket, BasketJournal, BasketProtocol, Batch, CheckOut, CheckedOut, Identifier, MergeBasket, SetLine, type ClientOf,
  type DocumentReply,
} from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { changed, document, tagged, type Document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { MarketPath, NumberCursor, Page } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';

const BasketPath = MarketPath.extend({ basket: Identifier.meta({ description: 'the id of the basket, as its client names it' }) });
type BasketPath = z.infer<typeof BasketPath>;
const LinePath = BasketPath.extend({ sku: Identifier.meta({ description: 'the SKU of the product on the line' }) });
type LinePath = z.infer<typeof LinePath>;

const JournalPage = Page.extend({ cursor: NumberCursor.default('0') });
type JournalPage = z.infer<typeof JournalPage>;

const COMMAND = { conditions: 'change', key: 'echoed' } as const;
const CHANGED = changed(Basket, COMMAND);
const CREATED_OR_CHANGED = changed(Basket, { statuses: [200, 201], ...COMMAND });

/** The routes of baskets. Every write becomes a batch of operations. */
@ApiTags('Baskets')
@Controller('v1/markets/:market/baskets/:basket')
export class BasketsController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('PUT', { scope: 'baskets:write', summary: 'Creates the basket, or reads it if it exists.', path: BasketPath, answers: CREATED_OR_CHANGED })
  open(@Param() path: BasketPath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.basket(path, caller).open(caller.precondition);
  }

  @Route('GET', { scope: 'baskets:read', summary: 'Reads the basket.', path: BasketPath, answers: tagged(Basket) })
  read(@Param() path: BasketPath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.commands.reading(BasketProtocol, path, caller).read();
  }

  @Route('DELETE', { scope: 'baskets:write', summary: 'Removes every line from the basket.', path: BasketPath, answers: CHANGED })
  clear(@Param() path: BasketPath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.change(path, [{ op: 'clear' }], caller);
  }

  @Route('POST lines', {
    scope: 'baskets:write',
    summary: 'Adds units of a product to the basket, which is created if it does not exist.', path: BasketPath, body: AddItem,
    example: { sku: 'GR1', quantity: 2 }, answers: CREATED_OR_CHANGED,
  })
  add(@Param() path: BasketPath, @Body() item: AddItem, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.change(path, [{ op: 'add', ...item }], caller);
  }

  @Route('PUT lines/:sku', {
    scope: 'baskets:write',
    summary: 'Sets the quantity of a line; 0 removes the line.', path: LinePath, body: SetLine, example: { quantity: 3 }, answers: CREATED_OR_CHANGED,
  })
  set(@Param() path: LinePath, @Body() line: SetLine, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.change(path, [{ op: 'set', sku: path.sku, ...line }], caller);
  }

  @Route('DELETE lines/:sku', { scope: 'baskets:write', summary: 'Removes a line from the basket.', path: LinePath, answers: CHANGED })
  remove(@Param() path: LinePath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.change(path, [{ op: 'remove', sku: path.sku }], caller);
  }

  @Route('POST commands', {
    scope: 'baskets:write',
    summary: 'Applies a batch of operations in order, all or nothing, and prices the basket once.', path: BasketPath, body: Batch,
    example: [{ op: 'add', sku: 'GR1', quantity: 2 }, { op: 'remove', sku: 'SR1' }], answers: CREATED_OR_CHANGED,
  })
  batch(@Param() path: BasketPath, @Body() operations: Batch, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.change(path, operations, caller);
  }

  @Route('POST merge', {
    scope: 'baskets:write',
    summary: 'Moves the lines of another basket into this one, and closes the other basket.',
    description: 'Use it when a guest logs in and already has a basket.', path: BasketPath, body: MergeBasket,
    example: { from: 'guest-7', mode: 'sum' }, answers: CREATED_OR_CHANGED,
  })
  merge(@Param() { market, basket: into }: BasketPath, @Body() { from, mode }: MergeBasket, @Caller() caller: Caller): Promise<DocumentReply> {
    // The message goes to the basket that the merge closes, because its server drives the merge.
    return this.basket({ market, basket: from }, caller).merge({ into, mode, ...caller.precondition });
  }

  @Route('POST checkout', {
    scope: 'baskets:write',
    summary: 'Orders all lines at current prices, and empties the basket, which stays open.',
    description: '`Location` is the URL of the order. If the order is rejected for lack of stock, its lines return to the basket.',
    path: BasketPath, body: CheckOut, example: { total: { amount: 622, currency: 'GBP' } },
    answers: changed(CheckedOut, { statuses: [202], ...COMMAND }),
  })
  async checkOut(@Param() path: BasketPath, @Body() { total }: CheckOut, @Caller() caller: Caller): Promise<Document<CheckedOut>> {
    const { orderId, ...ordered } = await this.basket(path, caller).checkout({ ...caller.precondition, ...(total ? { total } : {}) });
    return { ...ordered, location: `/v1/orders/${encodeURIComponent(orderId)}` };
  }

  @Route('GET journal', {
    scope: 'baskets:read',
    summary: 'Lists every accepted command of the basket, oldest first.', path: BasketPath, query: JournalPage, answers: document(BasketJournal),
  })
  journal(@Param() path: BasketPath, @Query() { limit, cursor }: JournalPage, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.commands.reading(BasketProtocol, path, caller).journal({ afterVersion: Number(cursor), limit });
  }

  private change(path: BasketPath, operations: Batch, caller: Caller): Promise<DocumentReply> {
    return this.basket(path, caller).change({ operations, ...caller.precondition });
  }

  private basket(path: BasketPath, caller: Caller): ClientOf<typeof BasketProtocol> {
    return this.commands.to(BasketProtocol, path, caller);
  }
}
