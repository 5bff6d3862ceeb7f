import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BasketProtocol, Identifier } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
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
    @Param({ schema: BasketPath }) path: BasketPath,
    @Query({ schema: JournalPage }) { limit, cursor }: JournalPage,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const page = await this.commands.to(BasketProtocol, path, request).journal({ afterVersion: Number(cursor), limit });
    void reply.type('application/json; charset=utf-8').send(page.json);
  }
}
