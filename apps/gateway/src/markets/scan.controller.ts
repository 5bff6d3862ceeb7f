import { Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ProductProtocol, ScannedCode, ScannedProduct, type DocumentReply } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { CODE_SCANNED } from '../problems/problems.ts';
import { document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { MarketPath } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';

const ScanPath = MarketPath.extend({
  code: ScannedCode.meta({ description: 'the code, as a scanner reads it', examples: ['4006381333931'] }),
});
type ScanPath = z.infer<typeof ScanPath>;

/** The route that reads scanned codes. */
@ApiTags('Products')
@Controller('v1/markets/:market/scan')
export class ScanController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('GET :code', {
    scope: 'catalogue:read', isForShoppers: true,
    summary: 'Finds the product of a scanned code, and what the code says about the scanned goods.',
    description: 'Lines, quotes and orders take the same codes in place of a SKU. Encode the characters of a code that a URL cannot have, such as `/`.',
    path: ScanPath, answers: document(ScannedProduct, { errors: ['market.unknown', 'market.restarting', ...CODE_SCANNED] }),
  })
  scanCode(@Param() { market, code }: ScanPath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.commands.reading(ProductProtocol, { market }, caller).scan({ code });
  }
}
