import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BASKET_MESSAGES, Identifier, type BasketReply, type ReadJournal } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { AnswersJournal } from '../openapi.ts';

const BasketPath = z.strictObject({ market: Identifier, basket: Identifier });
type BasketPath = z.infer<typeof BasketPath>;

const LIMIT = 'must be a whole number from 1 to 200';
const Page = z.strictObject({
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(200, LIMIT).default(50),
  cursor: z.string().regex(/^\d{1,15}$/, 'must be the `next` of the page before').default('0'),
});
type Page = z.infer<typeof Page>;

/** A basket's history: every accepted command, oldest first. */
@Controller('v1/markets/:market/baskets/:basket/journal')
export class BasketJournalController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Get()
  @AnswersJournal()
  async read(
    @Param({ schema: BasketPath }) { market, basket }: BasketPath,
    @Query({ schema: Page }) { limit, cursor }: Page,
    @Req() { traceparent }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const to = { market, actor: basket, commandId: commandIdOf(undefined), traceparent };
    const body: ReadJournal = { afterVersion: Number(cursor), limit };
    const page = await this.commands.send<BasketReply>(BASKET_MESSAGES.journal, to, body);
    void reply.type('application/json; charset=utf-8').send(page.json);
  }
}
