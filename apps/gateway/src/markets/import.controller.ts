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

/** Imports that may run at once. Each may hold a body of up to 64 MiB in memory. */
const IMPORTS_MAX = 2;

/** The route that imports many products at once. */
@ApiTags('Products')
@Controller('v1/markets/:market')
export class ImportController {
  private running = 0;

  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('POST products::import', {
    scope: 'catalogue:write',
    summary: 'Imports products from NDJSON, one product per line, and answers with NDJSON.',
    description: 'The answer has a line for each refused product, up to a thousand, lines with the progress, and a last line with the '
      + 'numbers of created, updated, unchanged and rejected products. A line for an existing product changes the fields that it names; '
      + 'null clears a field. After a failure, send the same body under the same `Idempotency-Key`, and the import continues.',
    path: MarketPath, accepts: NDJSON_TYPES,
    part: { schema: NewProduct, example: { sku: 'JAM2', name: 'Cherry jam', price: { amount: 259, currency: 'GBP' }, quantity: 6 } }, answers: stream(NDJSON, ImportProgress, {
      errors: ['body.media_type', 'import.body_missing', 'import.busy', 'import.too_large', 'market.unknown'], key: 'echoed',
    }),
  })
  async importProducts(
    @Param() { market }: MarketPath, @Body() body: Readable | undefined, @Caller() caller: Caller, @Res() reply: FastifyReply,
  ): Promise<void> {
    if (typeof body?.pipe !== 'function') throw ImportFailure.bodyMissing();
    try {
      if (Number(reply.request.headers['content-length']) > MARKET_LIMITS.importBytes) throw ImportFailure.tooLarge();
      if (this.running >= IMPORTS_MAX) throw ImportFailure.busy(IMPORTS_MAX);
      void reply.header('idempotency-key', caller.commandId);
      await this.run(body, reply, new ProductImport({ commands: this.commands, runtime: systemRuntime, market, caller, reply, allowance: reply.request.allowance }));
    } finally {
      body.destroy();
    }
  }

  private async run(body: Readable, { server, raw }: FastifyReply, products: ProductImport): Promise<void> {
    this.running += 1;
    try {
      // Imported lines stay. The client sends the rest to another gateway.
      server.connections.endWith(raw, () => products.end());
      await products.run(body);
    } finally {
      this.running -= 1;
    }
  }
}
