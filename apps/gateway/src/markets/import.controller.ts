import type { Readable } from 'node:stream';
import { Body, Controller, Inject, Param, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ImportProgress, MARKET_LIMITS, NewProduct } from '@aisle/contracts';
import { systemRuntime } from '@aisle/std';
import { CommandClient } from '../commands/command-client.ts';
import { stream } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { MarketPath } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';
import { ImportFailure } from './import-failures.ts';
import { NDJSON, NDJSON_TYPES } from './ndjson.ts';
import { ProductImport } from './product-import.ts';

/** Bodies that may wait in memory at once, each up to its bound. */
const IMPORTS_MAX = 2;

/** Products by the thousand. */
@ApiTags('Products')
@Controller('v1/markets/:market')
export class ImportController {
  private running = 0;

  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('POST products::import', {
    summary: 'Takes products, one a line (NDJSON), and answers with lines.',
    description: 'The answer tells why a line is refused, for up to a thousand lines; how far the import is; and at the end how many '
      + 'products were created, updated, unchanged and rejected. A product that exists is changed to what its line says: what the line '
      + 'leaves out stays, and null clears a field. The same body again under the same `Idempotency-Key` continues where a failure ended it.',
    path: MarketPath, accepts: NDJSON_TYPES, part: NewProduct, answers: stream(NDJSON, ImportProgress, { errors: [422], key: 'taken' }),
  })
  async import(
    @Param() { market }: MarketPath, @Body() body: Readable | undefined, @Caller() caller: Caller, @Res() reply: FastifyReply,
  ): Promise<void> {
    if (typeof body?.pipe !== 'function') throw ImportFailure.bodyMissing();
    try {
      if (Number(reply.request.headers['content-length']) > MARKET_LIMITS.importBytes) throw ImportFailure.tooLarge();
      if (this.running >= IMPORTS_MAX) throw ImportFailure.busy(IMPORTS_MAX);
      void reply.header('idempotency-key', caller.commandId);
      await this.run(body, reply, new ProductImport({ commands: this.commands, runtime: systemRuntime, market, caller, reply }));
    } finally {
      body.destroy();
    }
  }

  private async run(body: Readable, { server, raw }: FastifyReply, products: ProductImport): Promise<void> {
    this.running += 1;
    try {
      // What it has taken so far stays, and the rest is for another gateway.
      server.connections.endWith(raw, () => products.end());
      await products.run(body);
    } finally {
      this.running -= 1;
    }
  }
}
