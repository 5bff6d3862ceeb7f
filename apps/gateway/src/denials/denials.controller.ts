import { Denial, DenialKind, DenialList, Identifier, NewDenial } from '@aisle/contracts';
import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { nothing, value } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { Page } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';
import { Denials } from './denials.ts';

const DenialPath = z.strictObject({
  kind: DenialKind.meta({ description: '`tokens` for one token, `users` for every token of a user', examples: ['users'] }),
  id: Identifier.meta({ description: 'the `jti` of a token, the id of a token for a shopper, or the `sub` of a user', examples: ['maria'] }),
});
type DenialPath = z.infer<typeof DenialPath>;

/** The routes of denied tokens and users. */
@ApiTags('Keys')
@Controller('v1/denials')
export class DenialsController {
  constructor(@Inject(Denials) private readonly denials: Denials) {}

  @Route('PUT :kind/:id', {
    scope: 'keys:write', summary: 'Denies one token, or every token of a user.',
    description: 'This gateway refuses them at once, and every other one within a second. It applies in the tenant of the caller. A later one replaces it.',
    path: DenialPath, body: NewDenial, example: { expiresAt: '2099-01-31T00:00:00Z' },
    answers: value(Denial, { errors: ['denial.already_expired', 'denial.too_many'] }),
  })
  putDenial(@Param() path: DenialPath, @Body() wanted: NewDenial, @Caller() { principal }: Caller): Promise<Denial> {
    return this.denials.put(principal, path, wanted);
  }

  @Route('GET', {
    scope: 'keys:read', summary: 'Lists the denials that have not ended, by kind and id.', query: Page,
    answers: value(DenialList, { errors: ['denial.cursor_invalid'] }),
  })
  listDenials(@Query() page: Page, @Caller() { principal }: Caller): Promise<DenialList> {
    return this.denials.list(principal, page);
  }

  @Route('DELETE :kind/:id', {
    scope: 'keys:write', summary: 'Accepts a denied token, or the tokens of a denied user, again.', path: DenialPath,
    answers: nothing('the denial has ended', { errors: ['denial.missing'] }),
  })
  deleteDenial(@Param() path: DenialPath, @Caller() { principal }: Caller): Promise<void> {
    return this.denials.delete(principal, path);
  }
}
