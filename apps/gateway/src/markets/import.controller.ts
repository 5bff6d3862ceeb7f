import type { Readable } from 'node:stream';
import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MARKET_LIMITS } from '@aisle/contracts';
import { systemRuntime } from '@aisle/std';
import { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { MarketPath } from './documents.ts';
import { ImportBodyMissing, ImportTooLarge, ImportsBusy } from './import-failures.ts';
import { ImportsProducts } from './openapi.ts';
import { ProductImport, type ProductImportOptions } from './product-import.ts';

/** Bodies that may wait in memory at once, each up to its bound. */
const IMPORTS_MAX = 2;

/** Products by the thousand. */
@Controller('v1/markets/:market')
export class ImportController {
  private running = 0;

  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /**
   * Takes a product a line (NDJSON), and answers with lines: of each that is refused why, up to a thousand, how far it is, and at
   * the end how many were created, updated, unchanged and rejected. A SKU that is there is changed to what its line says; what the
   * line leaves out stays, and null wipes it. The same body again under the same `Idempotency-Key` goes on where a failure ended it.
   */
  @Post('products::import')
  @ImportsProducts()
  async import(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body = request.body as Readable | undefined;
    if (typeof body?.pipe !== 'function') throw new ImportBodyMissing();
    try {
      if (Number(request.headers['content-length']) > MARKET_LIMITS.importBytes) throw new ImportTooLarge();
      if (this.running >= IMPORTS_MAX) throw new ImportsBusy(IMPORTS_MAX);
      const key = commandIdOf(request.headers['idempotency-key']);
      void reply.header('idempotency-key', key);
      const { traceparent } = request;
      await this.run(body, { commands: this.commands, runtime: systemRuntime, market, key, traceparent, reply });
    } finally {
      body.destroy();
    }
  }

  private async run(body: Readable, options: ProductImportOptions): Promise<void> {
    this.running += 1;
    try {
      const products = new ProductImport(options);
      // What it has taken so far stays, and the rest is for another gateway.
      options.reply.server.connections.endWith(options.reply.raw, () => products.end());
      await products.run(body);
    } finally {
      this.running -= 1;
    }
  }
}
