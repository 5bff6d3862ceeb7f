import {
  PipelineSettings, actorKey, type ConfigureReply, type Pipeline, type PipelineChange, type PipelineList, type ReadPage, type WatchReply,
} from '@aisle/contracts';
import { isFailure } from '@aisle/std';
import type { Address, Ref } from '@aisle/supervision';
import { NamedServers } from '../holder/named-servers.ts';
import { PipelineServer, type PipelineParts, type PipelineProtocol } from './pipeline.actor.ts';
import type { PipelineLetter, PipelineLetterGroup } from './pipeline-letters.repository.ts';
import type { PipelineName } from './pipeline.repository.ts';

const NO_TIMEOUT = { timeoutMs: 'infinity' } as const;

/** The key under which the group registers a pipeline. */
export function pipelineKey({ tenant, name }: PipelineName): string {
  return actorKey(tenant, 'pipelines', name);
}

/**
 * The pipelines of this process. A request starts the pipeline's process if no process of the group has it; if another one has it, the
 * request throws `NameTaken`. All methods but `configure` throw `PipelineFailure.missing`.
 */
export class Pipelines {
  private readonly servers: NamedServers<PipelineProtocol>;

  constructor(
    private readonly parts: PipelineParts,
    /** The address of DynamicPipelineSupervisor. */
    supervisor: Address,
  ) {
    this.servers = new NamedServers(parts.localNames, supervisor);
  }

  read(which: PipelineName): Promise<Pipeline> {
    return this.ask(which, (server) => server.call('read', undefined, NO_TIMEOUT));
  }

  /**
   * Creates the pipeline or changes its settings, even while it runs. Throws `PipelineFailure.tooBig`, and for a running pipeline
   * `PipelineFailure.full`.
   */
  async configure(which: PipelineName, change: PipelineChange, commandId: string): Promise<ConfigureReply> {
    const { repository, capacity } = this.parts;
    const settings = PipelineSettings.parse(change);
    if (!(await repository.find(which))) capacity.checkAlone(settings);
    const created = await repository.create(which, settings, commandId);
    const pipeline = await this.ask(which, (server) => server.call('configure', { change, commandId }, NO_TIMEOUT));
    return { pipeline, created };
  }

  /** Starts the pipeline. Throws `PipelineFailure.tooBig` or `PipelineFailure.full` if its process has too little capacity. */
  start(which: PipelineName, commandId: string): Promise<Pipeline> {
    return this.ask(which, (server) => server.call('start', commandId, NO_TIMEOUT));
  }

  /** Stops the producers and drains the pipeline. Resolves when it is empty, or after 2 s. */
  stop(which: PipelineName, commandId: string): Promise<Pipeline> {
    return this.ask(which, (server) => server.call('stop', commandId, NO_TIMEOUT));
  }

  watch(which: PipelineName, after: number | undefined): Promise<WatchReply> {
    return this.ask(which, (server) => server.call('watch', after, NO_TIMEOUT));
  }

  /** A page of all pipelines of a tenant, sorted by name. */
  async list(tenant: string, { cursor = '', limit }: ReadPage): Promise<PipelineList> {
    const records = await this.parts.repository.list(tenant, cursor, limit);
    return {
      items: records.map(({ name, settings, running }) => ({ name, ...settings, running })),
      next: records.length < limit ? null : (records.at(-1)?.name ?? null),
    };
  }

  /**
   * Deletes a stopped pipeline and its dead letters. It is idempotent by command id for a day. Throws `PipelineFailure.running`, or
   * `PipelineFailure.draining` while events are in flight.
   */
  async remove(which: PipelineName, commandId: string): Promise<void> {
    try {
      await this.ask(which, (server) => server.call('remove', commandId, NO_TIMEOUT));
    } catch (failure) {
      const isGone = isFailure(failure) && failure.kind === 'missing';
      if (!isGone || !(await this.parts.repository.wasRemovedBy(which.tenant, commandId))) throw failure;
    }
  }

  /** A page of the dead letters of a pipeline, oldest first. `afterId` is the id of the last letter of the previous page. */
  letters(which: PipelineName, limit?: number, afterId?: number): Promise<PipelineLetter[]> {
    return this.parts.letters.list(which, limit, afterId);
  }

  /** The dead letters of a tenant, grouped by pipeline. */
  letterGroups(tenant: string): Promise<PipelineLetterGroup[]> {
    return this.parts.letters.groups(tenant);
  }

  /** Redrives dead letters, all unless ids are given, now or in the next run. Resolves with the number of newly marked ones. */
  redrive(which: PipelineName, ids?: readonly number[]): Promise<number> {
    return this.ask(which, (server) => server.call('redrive', ids, NO_TIMEOUT));
  }

  /** Deletes dead letters, all unless ids are given. Resolves with their number. */
  discard(which: PipelineName, ids?: readonly number[]): Promise<number> {
    return this.parts.letters.discard(which, ids);
  }

  /** Starts the pipelines that should run and whose process is gone. Throws `StoreFailure.unavailable`. */
  async resume(): Promise<void> {
    const { repository, clusterNames } = this.parts;
    const wanted = await repository.running();
    if (wanted.length === 0) return;
    const held = new Set((await clusterNames.holders()).map(({ key }) => key));
    const lost = wanted.filter((which) => !held.has(pipelineKey(which)));
    // Several processes may try this at once. One of them gets each name.
    await Promise.allSettled(lost.map((which) => this.read(which)));
  }

  private ask<T>(which: PipelineName, send: (server: Ref<PipelineProtocol>) => Promise<T>): Promise<T> {
    const { tenant, name } = which;
    const key = pipelineKey(which);
    const spec = () => PipelineServer.childSpec(
      { ...this.parts, tenant, name, key }, { id: name, restart: 'transient', shutdown: SHUTDOWN_MS },
    );
    return this.servers.ask(key, spec, send);
  }
}

/** Longer than the stages may take to drain. */
const SHUTDOWN_MS = 12_000;
