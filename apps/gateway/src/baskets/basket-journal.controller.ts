import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BASKET_MESSAGES, Identifier, type BasketReply, type ReadJournal } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { AnswersJournal } from '../openapi.ts';
import { NumberCursor, Page } from '../page.ts';

const BasketPath = z.strictObject({ market: Identifier, basket: Identifier });
type BasketPath = z.infer<typeof BasketPath>;

const JournalPage = Page.extend({ cursor: NumberCursor.default('0') });
type JournalPage = z.infer<typeof JournalPage>;

/** A basket's history: every accepted command, oldest first. */
@Controller('v1/markets/:market/baskets/:basket/journal')
export class BasketJournalController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Get()
  @AnswersJournal()
  async read(
    @Param({ schema: BasketPath }) { market, basket }: BasketPath,
    @Query({ schema: JournalPage }) { limit, cursor }: JournalPage,
    @Req() { traceparent }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const to = { market, actor: basket, commandId: commandIdOf(undefined), traceparent };
    const body: ReadJournal = { afterVersion: Number(cursor), limit };
    const page = await this.commands.send<BasketReply>(BASKET_MESSAGES.journal, to, body);
    void reply.type('application/json; charset=utf-8').send(page.json);
  }
}
