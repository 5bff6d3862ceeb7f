import {
  PipelineSettings, actorKey, type ConfigureReply, type Pipeline, type PipelineChange, type PipelineList, type ReadPage, type WatchReply,
} from '@aisle/contracts';
import { isFailure } from '@aisle/std';
import type { Address, Ref } from '@aisle/supervision';
import { NamedServers } from '../holder/named-servers.ts';
import { PipelineServer, type PipelineParts, type PipelineProtocol } from './pipeline.actor.ts';
import type { PipelineLetter, PipelineLetterGroup } from './pipeline-letters.repository.ts';
import type { PipelineName } from './pipeline.repository.ts';

const PATIENT = { timeoutMs: 'infinity' } as const;

/** The key of a pipeline's name in the group. */
export function pipelineKey({ tenant, name }: PipelineName): string {
  return actorKey(tenant, 'pipelines', name);
}

/**
 * The pipelines of this process. A request for one that is nowhere brings it back; for one that is in another
 * process it throws that one's `NameTaken`. All but `configure` throw `PipelineFailure.missing`.
 */
export class Pipelines {
  private readonly servers: NamedServers<PipelineProtocol>;

  constructor(
    private readonly parts: PipelineParts,
    /** DynamicPipelineSupervisor. */
    supervisor: Address,
  ) {
    this.servers = new NamedServers(parts.here, supervisor);
  }

  read(which: PipelineName): Promise<Pipeline> {
    return this.ask(which, (server) => server.call('read', undefined, PATIENT));
  }

  /** Makes the pipeline, or changes it, while it runs or not. Throws `PipelineFailure.tooBig`, and `PipelineFailure.full` while it runs. */
  async configure(which: PipelineName, change: PipelineChange, commandId: string): Promise<ConfigureReply> {
    const { repository, capacity } = this.parts;
    const settings = PipelineSettings.parse(change);
    if (!(await repository.find(which))) capacity.checkAlone(settings);
    const created = await repository.create(which, settings, commandId);
    const pipeline = await this.ask(which, (server) => server.call('configure', { change, commandId }, PATIENT));
    return { pipeline, created };
  }

  /** Throws `PipelineFailure.tooBig` or `PipelineFailure.full` where its process has no room for it. */
  start(which: PipelineName, commandId: string): Promise<Pipeline> {
    return this.ask(which, (server) => server.call('start', commandId, PATIENT));
  }

  /** Stops it once it has run dry: the answer comes then, or after 2 s. */
  stop(which: PipelineName, commandId: string): Promise<Pipeline> {
    return this.ask(which, (server) => server.call('stop', commandId, PATIENT));
  }

  watch(which: PipelineName, after: number | undefined): Promise<WatchReply> {
    return this.ask(which, (server) => server.call('watch', after, PATIENT));
  }

  /** A page of all pipelines there are, wherever they run. */
  async list(tenant: string, { cursor = '', limit }: ReadPage): Promise<PipelineList> {
    const records = await this.parts.repository.list(tenant, cursor, limit);
    return {
      items: records.map(({ name, settings, running }) => ({ name, ...settings, running })),
      next: records.length < limit ? null : (records.at(-1)?.name ?? null),
    };
  }

  /**
   * Deletes a pipeline that is stopped, with its dead letters. The command that has done so may come again. Throws
   * `PipelineFailure.running`, and `PipelineFailure.draining` while events are on their way.
   */
  async remove(which: PipelineName, commandId: string): Promise<void> {
    try {
      await this.ask(which, (server) => server.call('remove', commandId, PATIENT));
    } catch (failure) {
      const isGone = isFailure(failure) && failure.kind === 'missing';
      if (!isGone || !(await this.parts.repository.wasRemovedBy(which.tenant, commandId))) throw failure;
    }
  }

  /** Events that a pipeline has given up, the oldest first; `afterId` goes on from a page's last. */
  letters(which: PipelineName, limit?: number, afterId?: number): Promise<PipelineLetter[]> {
    return this.parts.letters.list(which, limit, afterId);
  }

  /** How many each pipeline of a tenant has given up. */
  letterGroups(tenant: string): Promise<PipelineLetterGroup[]> {
    return this.parts.letters.groups(tenant);
  }

  /** Has a pipeline try them again, all or some: at once where it runs, else when it runs next. Returns how many there are. */
  redrive(which: PipelineName, ids?: readonly number[]): Promise<number> {
    return this.ask(which, (server) => server.call('redrive', ids, PATIENT));
  }

  /** Forgets them, all or some; returns how many there were. */
  discard(which: PipelineName, ids?: readonly number[]): Promise<number> {
    return this.parts.letters.discard(which, ids);
  }

  /** Takes up what is to run and runs nowhere: its process is gone. Throws what the store throws. */
  async resume(): Promise<void> {
    const { repository, everywhere } = this.parts;
    const wanted = await repository.running();
    if (wanted.length === 0) return;
    const held = new Set((await everywhere.holders()).map(({ key }) => key));
    const lost = wanted.filter((which) => !held.has(pipelineKey(which)));
    // Of several processes that try, one gets the name.
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

/** Longer than its stages may take to run dry. */
const SHUTDOWN_MS = 12_000;
