import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  LoadStrategy, RolloutRequest, SandboxProtocol, SimulateRequest, StrategyName, StrategyProtocol, type ClientOf, type Strategy,
  type StrategyAudit, type StrategyKey, type StrategyList, type StrategySimulation, type StrategyValidation, type StrategyVersion,
  type StrategyVersions,
} from '@aisle/contracts';
import { HttpRefusal } from '@aisle/platform';
import { CommandClient, type Caller } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { preconditionOf, sendCurrent } from '../conditions/conditions.ts';
import {
  AnswersAudit, AnswersSimulation, AnswersStrategies, AnswersValidation, AnswersVersion, AnswersVersions, ChangesStrategy, DeletesVersion,
  ReadsStrategy,
} from './openapi.ts';

const StrategyPath = z.strictObject({ name: StrategyName });
type StrategyPath = z.infer<typeof StrategyPath>;
const VersionPath = StrategyPath.extend({ version: StrategyName });
type VersionPath = z.infer<typeof VersionPath>;

/** RFC 6585, section 3. */
class RevisionRequired extends HttpRefusal {
  constructor() {
    super(428, {
      kind: 'precondition', code: 'precondition.required', message: 'the If-Match header must say which revision this replaces, or * for any',
    });
  }
}

/** Pricing strategies: their versions, and which of them are in force. */
@Controller('v1/strategies')
export class StrategiesController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /** Every strategy, and what of it is in force. */
  @Get()
  @AnswersStrategies()
  list(@Req() request: FastifyRequest): Promise<StrategyList> {
    return this.to({}, request).list();
  }

  /**
   * Takes a source, or a configured built-in, in as a draft: 201 when it is new, 200 when it is known and so nothing changed.
   */
  @Post()
  @AnswersVersion()
  async load(
    @Body({ schema: LoadStrategy }) body: LoadStrategy,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StrategyVersion> {
    const version = 'source' in body
      ? await this.toSandbox({}, request).load(body)
      : await this.to({ strategy: body.name }, request).configure(body);
    void reply.code(version.outcome === 'added' ? 201 : 200);
    return version;
  }

  /** What of the strategy is in force; its revision is the `ETag`. */
  @Get(':name')
  @ReadsStrategy()
  async read(
    @Param({ schema: StrategyPath }) { name }: StrategyPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const strategy = await this.to({ strategy: name }, request).read();
    sendCurrent(request, reply, { json: JSON.stringify(strategy), version: strategy.revision });
  }

  /** All its versions, oldest first. */
  @Get(':name/versions')
  @AnswersVersions()
  versions(@Param({ schema: StrategyPath }) { name }: StrategyPath, @Req() request: FastifyRequest): Promise<StrategyVersions> {
    return this.to({ strategy: name }, request).versions();
  }

  /** Runs the version's own tests, and its budget on a large basket. A built-in may have no tests. */
  @Post(':name/versions/:version/validate')
  @HttpCode(200)
  @AnswersValidation()
  validate(
    @Param({ schema: VersionPath }) { name, version }: VersionPath,
    @Req() request: FastifyRequest,
  ): Promise<StrategyValidation> {
    return this.toSandbox({ strategy: name }, request).validate({ version });
  }

  /** Deletes a version that was never in force, in a canary or in the shadow; with its last version the strategy is gone. */
  @Delete(':name/versions/:version')
  @HttpCode(204)
  @DeletesVersion()
  remove(@Param({ schema: VersionPath }) { name, version }: VersionPath, @Req() request: FastifyRequest): Promise<void> {
    return this.to({ strategy: name }, request).remove({ version });
  }

  /** What the version would change of some baskets; nothing is charged. */
  @Post(':name/versions/:version/simulate')
  @HttpCode(200)
  @AnswersSimulation()
  simulate(
    @Param({ schema: VersionPath }) { name, version }: VersionPath,
    @Body({ schema: SimulateRequest }) body: SimulateRequest,
    @Req() request: FastifyRequest,
  ): Promise<StrategySimulation> {
    return this.toSandbox({ strategy: name }, request).simulate({ ...body, version });
  }

  /**
   * Puts a version in force, into the shadow, or before a part of the customers and baskets. `off` takes the strategy out of
   * force, and leaves nothing to roll back to.
   */
  @Put(':name/rollout')
  @ChangesStrategy({ required: true })
  async rollOut(
    @Param({ schema: StrategyPath }) { name }: StrategyPath,
    @Body({ schema: RolloutRequest }) rollout: RolloutRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Strategy> {
    const { ifMatch, ...rest } = preconditionOf(request);
    if (ifMatch === undefined) throw new RevisionRequired();
    const ifRevision = typeof ifMatch === 'number' ? { ifRevision: ifMatch } : {};
    const body = { rollout, ifMatch, ...rest, ...ifRevision };
    return withTag(reply, await this.to({ strategy: name }, request).rollOut(body));
  }

  /** Makes the version active that was active before, unless the strategy was switched off since. */
  @Post(':name/rollback')
  @HttpCode(200)
  @ChangesStrategy({ required: false })
  async rollBack(
    @Param({ schema: StrategyPath }) { name }: StrategyPath,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Strategy> {
    const precondition = preconditionOf(request);
    return withTag(reply, await this.to({ strategy: name }, request).rollBack(precondition));
  }

  /** What was done to it, latest first. */
  @Get(':name/audit')
  @AnswersAudit()
  audit(@Param({ schema: StrategyPath }) { name }: StrategyPath, @Req() request: FastifyRequest): Promise<StrategyAudit> {
    return this.to({ strategy: name }, request).audit();
  }

  private to(key: StrategyKey, request: FastifyRequest): ClientOf<typeof StrategyProtocol> {
    return this.commands.to(StrategyProtocol, key, callerOf(request));
  }

  private toSandbox(key: StrategyKey, request: FastifyRequest): ClientOf<typeof SandboxProtocol> {
    return this.commands.to(SandboxProtocol, key, callerOf(request));
  }
}

function callerOf({ traceparent, headers }: FastifyRequest): Caller {
  return { commandId: commandIdOf(headers['idempotency-key']), traceparent };
}

/** Answers a strategy with its revision as `ETag`. */
function withTag(reply: FastifyReply, strategy: Strategy): Strategy {
  void reply.header('etag', `"${strategy.revision}"`);
  return strategy;
}
