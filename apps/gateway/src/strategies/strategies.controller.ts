import { Body, Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  LoadStrategy, RolloutRequest, SandboxProtocol, SimulateRequest, Strategy, StrategyAudit, StrategyList, StrategyName, StrategyProtocol,
  StrategySimulation, StrategyValidation, StrategyVersion, StrategyVersions, type ClientOf, type StrategyKey,
} from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { changed, documentOf, nothing, tagged, value, type Document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { Route } from '../routes/route.ts';

const StrategyPath = z.strictObject({ name: StrategyName.meta({ description: 'the name of the strategy', examples: ['tea-deal'] }) });
type StrategyPath = z.infer<typeof StrategyPath>;
const VersionPath = StrategyPath.extend({ version: StrategyName.meta({ description: 'the version, as its source or configuration states it', examples: ['1'] }) });
type VersionPath = z.infer<typeof VersionPath>;

/** Failures of the sandbox in which a version runs. */
const SANDBOXED = ['sandbox.busy', 'sandbox.closed'] as const;

/** The routes of pricing strategies, their versions and their rollout. */
@ApiTags('Strategies')
@Controller('v1/strategies')
export class StrategiesController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('GET', { scope: 'strategies:read', summary: 'Lists all strategies, and which of their versions are in force.', answers: value(StrategyList, { errors: [] }) })
  listStrategies(@Caller() caller: Caller): Promise<StrategyList> {
    return this.to({}, caller).list();
  }

  @Route('POST', {
    scope: 'strategies:write',
    summary: 'Adds a source or a configured built-in as a draft version.',
    description: 'The answer is 201 if the version is new, and 200 if the same version exists and nothing has changed.', body: LoadStrategy,
    example: { name: 'tea-deal', version: '1', use: 'fixed-off@1', params: { amountMinor: 10 }, scope: { skus: ['GR1'], currencies: ['GBP'] } },
    answers: changed(StrategyVersion, { statuses: [200, 201], errors: ['pricing.rules', 'strategy.source', 'strategy.unreadable', 'strategy.version-taken', ...SANDBOXED] }),
  })
  async loadStrategy(@Body() body: LoadStrategy, @Caller() caller: Caller): Promise<Document<StrategyVersion>> {
    const version = 'source' in body
      ? await this.toSandbox({}, caller).load(body)
      : await this.to({ strategy: body.name }, caller).configure(body);
    return documentOf(version, { created: version.outcome === 'added' });
  }

  @Route('GET :name', { scope: 'strategies:read', summary: 'Reads which versions of the strategy are in force.', path: StrategyPath, answers: tagged(Strategy, { errors: ['strategy.missing'] }) })
  async getStrategy(@Param() { name }: StrategyPath, @Caller() caller: Caller): Promise<Document<Strategy>> {
    return revised(await this.to({ strategy: name }, caller).read());
  }

  @Route('GET :name/versions', { scope: 'strategies:read', summary: 'Lists the versions of the strategy, oldest first.', path: StrategyPath, answers: value(StrategyVersions, { errors: ['strategy.missing'] }) })
  listStrategyVersions(@Param() { name }: StrategyPath, @Caller() caller: Caller): Promise<StrategyVersions> {
    return this.to({ strategy: name }, caller).versions();
  }

  @Route('POST :name/versions/:version/validate', {
    scope: 'strategies:write',
    summary: "Runs the version's own tests, and checks that it prices a large basket within its time limit.",
    description: 'A built-in may have no tests.', path: VersionPath, 
    answers: value(StrategyValidation, { errors: ['strategy.missing', 'strategy.unreadable', ...SANDBOXED] }),
  })
  validateStrategyVersion(@Param() { name, version }: VersionPath, @Caller() caller: Caller): Promise<StrategyValidation> {
    return this.toSandbox({ strategy: name }, caller).validate({ version });
  }

  @Route('DELETE :name/versions/:version', {
    scope: 'strategies:write',
    summary: 'Deletes a version that has never been in force, in a canary or in the shadow.',
    description: 'The strategy is deleted with its last version. For any other version the answer is 409 `strategy.version-used`.',
    path: VersionPath, answers: nothing('the version is deleted', { errors: ['strategy.missing', 'strategy.version-used'], key: 'taken' }),
  })
  deleteStrategyVersion(@Param() { name, version }: VersionPath, @Caller() caller: Caller): Promise<void> {
    return this.to({ strategy: name }, caller).remove({ version });
  }

  @Route('POST :name/versions/:version/simulate', {
    scope: 'strategies:write',
    summary: 'Compares the prices of baskets under the version with the current ones; nothing is charged.', path: VersionPath, body: SimulateRequest,
    example: { market: 'm1', recorded: 50 }, 
    answers: value(StrategySimulation, {
      errors: ['market.unknown', 'money.too-large', 'product.unknown', 'strategy.missing', 'strategy.unreadable', ...SANDBOXED],
    }),
  })
  simulateStrategyVersion(@Param() { name, version }: VersionPath, @Body() body: SimulateRequest, @Caller() caller: Caller): Promise<StrategySimulation> {
    return this.toSandbox({ strategy: name }, caller).simulate({ ...body, version });
  }

  @Route('PUT :name/rollout', {
    scope: 'strategies:write',
    summary: 'Puts a version in force, in the shadow, or in a canary for a percentage of customers and baskets.',
    description: 'The state `off` takes the strategy out of force; it cannot be rolled back afterwards.', path: StrategyPath, body: RolloutRequest,
    example: { state: 'canary', version: '1', percent: 5 }, 
    answers: changed(Strategy, {
      errors: ['pricing.rules', 'strategy.changed', 'strategy.missing', 'strategy.not-ready', 'strategy.unreadable'], conditions: 'required',
    }),
  })
  async rollOutStrategy(@Param() { name }: StrategyPath, @Body() rollout: RolloutRequest, @Caller() caller: Caller): Promise<Document<Strategy>> {
    const { ifMatch } = caller.precondition;
    const ifRevision = typeof ifMatch === 'number' ? { ifRevision: ifMatch } : {};
    return revised(await this.to({ strategy: name }, caller).rollOut({ rollout, ...caller.precondition, ...ifRevision }));
  }

  @Route('POST :name/rollback', {
    scope: 'strategies:write',
    summary: 'Puts the previous version in force again, unless the strategy has been switched off since.', path: StrategyPath,
    answers: changed(Strategy, { errors: ['strategy.changed', 'strategy.missing', 'strategy.nothing-before', 'strategy.unreadable'], conditions: 'change' }),
  })
  async rollBackStrategy(@Param() { name }: StrategyPath, @Caller() caller: Caller): Promise<Document<Strategy>> {
    return revised(await this.to({ strategy: name }, caller).rollBack(caller.precondition));
  }

  @Route('GET :name/audit', { scope: 'strategies:read', summary: 'Lists the changes of the strategy, latest first.', path: StrategyPath, answers: value(StrategyAudit, { errors: ['strategy.missing'] }) })
  listStrategyChanges(@Param() { name }: StrategyPath, @Caller() caller: Caller): Promise<StrategyAudit> {
    return this.to({ strategy: name }, caller).audit();
  }

  private to(key: StrategyKey, caller: Caller): ClientOf<typeof StrategyProtocol> {
    return this.commands.to(StrategyProtocol, key, caller);
  }

  private toSandbox(key: StrategyKey, caller: Caller): ClientOf<typeof SandboxProtocol> {
    return this.commands.to(SandboxProtocol, key, caller);
  }
}

/** The document of a strategy; its revision becomes the `ETag`. */
function revised(strategy: Strategy): Document<Strategy> {
  return documentOf(strategy, { version: strategy.revision });
}
