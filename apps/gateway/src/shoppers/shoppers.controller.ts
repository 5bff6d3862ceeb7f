import { NewShopperToken, ShopperToken } from '@aisle/contracts';
import { Body, Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { changed, documentOf, type Document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { Route } from '../routes/route.ts';
import { Shoppers } from './shoppers.ts';

/** The route that issues tokens for shoppers. */
@ApiTags('Keys')
@Controller('v1/tokens')
export class ShoppersController {
  constructor(@Inject(Shoppers) private readonly shoppers: Shoppers) {}

  @Route('POST', {
    scope: 'tokens:write', summary: 'Issues a token by which a shopper uses one basket.',
    description: 'It permits to read and change the basket, to check it out, to read the products of its market, and to read the order. '
      + 'It ends with the checkout, the expiry of the basket, the revocation of the key that issued it, or its own expiry.',
    body: NewShopperToken, example: { market: 'm1', basket: 'anna', ttlSeconds: 3_600 },
    answers: changed(ShopperToken, { statuses: [201], errors: ['token.not_issued', 'market.unknown', 'basket.merged'] }),
  })
  async issueToken(@Body() wanted: NewShopperToken, @Caller() caller: Caller): Promise<Document<ShopperToken>> {
    return documentOf(await this.shoppers.issue(wanted, caller), {});
  }
}
