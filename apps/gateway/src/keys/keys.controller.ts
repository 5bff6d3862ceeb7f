import { ApiKey, Identifier, IssuedKey, KeyList, NewKey } from '@aisle/contracts';
import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { changed, documentOf, nothing, value, type Document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { Page } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';
import { Keys } from './keys.ts';

const KeyPath = z.strictObject({ key: Identifier.meta({ description: 'the id of the key', examples: ['0198a0e5f6f1c7cc0'] }) });
type KeyPath = z.infer<typeof KeyPath>;

/** The routes of API keys. */
@ApiTags('Keys')
@Controller('v1/keys')
export class KeysController {
  constructor(@Inject(Keys) private readonly keys: Keys) {}

  @Route('POST', {
    scope: 'keys:write', summary: 'Creates an API key, and shows it for the only time.',
    description: 'A key permits at most what the credential of the request permits. If the answer is lost, create another key and delete the first.',
    body: NewKey, example: { name: 'till 4', scopes: ['baskets:read', 'baskets:write'], markets: ['m1'] },
    answers: changed(IssuedKey, {
      statuses: [201], location: 'the URL of the key',
      errors: ['key.already_expired', 'key.exceeds_creator', 'key.other_tenant', 'key.rate_exceeds_creator', 'key.scopes_unfit', 'key.too_many'],
    }),
  })
  async createKey(@Body() wanted: NewKey, @Caller() { principal }: Caller): Promise<Document<IssuedKey>> {
    const issued = await this.keys.issue(principal, wanted);
    return documentOf(issued, { location: `/v1/keys/${issued.id}` });
  }

  @Route('GET', { scope: 'keys:read', summary: 'Lists API keys without their secrets, oldest first.', query: Page, answers: value(KeyList, { errors: ['key.cursor_invalid'] }) })
  listKeys(@Query() page: Page, @Caller() { principal }: Caller): Promise<KeyList> {
    return this.keys.list(principal, page);
  }

  @Route('GET :key', { scope: 'keys:read', summary: 'Reads an API key without its secret.', path: KeyPath, answers: value(ApiKey, { errors: ['key.missing'] }) })
  getKey(@Param() { key }: KeyPath, @Caller() { principal }: Caller): Promise<ApiKey> {
    return this.keys.read(principal, key);
  }

  @Route('DELETE :key', {
    scope: 'keys:write', summary: 'Revokes an API key for good.',
    description: 'This gateway refuses the key at once, and every other one within a second.', path: KeyPath, 
    answers: nothing('the key is revoked', { errors: ['key.missing'] }),
  })
  revokeKey(@Param() { key }: KeyPath, @Caller() { principal }: Caller): Promise<void> {
    return this.keys.revoke(principal, key);
  }
}
