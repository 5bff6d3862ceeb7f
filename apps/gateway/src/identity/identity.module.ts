import { withDatabaseErrors } from '@aisle/persistence';
import { APP_CONTEXT, CONNECTION, LOGGER, RUNTIME, part, provided, type AppContext, type Token } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { DenialRepository } from '../denials/denial.repository.ts';
import { Denials } from '../denials/denials.ts';
import { DenialsController } from '../denials/denials.controller.ts';
import { KeyRepository } from '../keys/key.repository.ts';
import { Keyring } from '../keys/keyring.ts';
import { Keys } from '../keys/keys.ts';
import { KeysController } from '../keys/keys.controller.ts';
import { CommandClient } from '../commands/command-client.ts';
import { CommandsModule } from '../commands/commands.module.ts';
import { Rates } from '../rates/rates.ts';
import { shopperSettings } from '../shoppers/shopper-tokens.ts';
import { Shoppers } from '../shoppers/shoppers.ts';
import { ShoppersController } from '../shoppers/shoppers.controller.ts';
import type { GatewayConfig } from './identity.config.ts';
import { Identity } from './identity.ts';
import { tokenSettings } from './token.config.ts';
import { Tokens } from './tokens.ts';

const CONTEXT: Token<AppContext<GatewayConfig>> = APP_CONTEXT;

/** Finds the principals of requests and their limits, and serves the routes of their keys. */
@Module({
  imports: [CommandsModule],
  controllers: [KeysController, ShoppersController, DenialsController],
  providers: [
    part('journal', 'key store', provided(KeyRepository, { connection: CONNECTION }, ({ connection }) =>
      withDatabaseErrors(connection.url, new KeyRepository(connection)))),
    part('journal', 'denial store', provided(DenialRepository, { connection: CONNECTION }, ({ connection }) =>
      withDatabaseErrors(connection.url, new DenialRepository(connection)))),
    part('followers', 'keyring', provided(Keyring, { repository: KeyRepository, denials: DenialRepository, runtime: RUNTIME, logger: LOGGER, context: CONTEXT },
      ({ context: { config }, ...options }) => new Keyring({ ...options, staleAfterMs: config.KEYS_STALE_MS }))),
    provided(Keys, { repository: KeyRepository, keyring: Keyring, runtime: RUNTIME, context: CONTEXT }, ({ repository, keyring, runtime, context: { config } }) =>
      new Keys(repository, keyring, runtime, config.RATE_LIMIT || Infinity)),
    provided(Denials, { repository: DenialRepository, keyring: Keyring, runtime: RUNTIME }, (options) => new Denials(options)),
    part('followers', 'rates', provided(Rates, { context: CONTEXT }, ({ context: { config, counter, runtime: { clock } } }) =>
      new Rates({ ratePerSecond: config.RATE_LIMIT, windowS: config.RATE_WINDOW_S, counter: counter(config.RATE_WINDOW_S), clock }))),
    provided(Shoppers, { commands: CommandClient, runtime: RUNTIME, context: CONTEXT }, ({ commands, runtime, context: { config } }) =>
      new Shoppers({ commands, runtime, keys: config.SHOPPER_TOKEN_KEYS })),
    provided(Identity, { keyring: Keyring, context: CONTEXT }, ({ keyring, context: { config, runtime: { clock } } }) => {
      const [settings, shoppers] = [tokenSettings(config), shopperSettings(config.SHOPPER_TOKEN_KEYS)];
      return new Identity({
        config, keyring, clock, tokens: settings && new Tokens(settings, clock), shoppers: shoppers && new Tokens(shoppers, clock),
      });
    }),
  ],
  exports: [Identity, Rates],
})
export class IdentityModule {}
