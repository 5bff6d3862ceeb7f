import { failures, sleep } from '@aisle/std';
import type { Ref } from '@aisle/supervision';
import { VirtualSystem } from '@aisle/supervision/testing';
import { VirtualRuntime } from '@aisle/std/testing';
import { ClusterRegistry, type ClusterRegistryEvent } from '../group/cluster-registry.ts';
import { Consumer, type ConsumerProtocol } from './consumer.ts';
import { MemoryNames } from './memory-names.ts';

const TestFailure = failures('test', { away: ['unavailable', 'the storage is away'] });

/** One process of the group, and its connection to the storage. */
export interface NameNode {
  readonly registry: ClusterRegistry<ConsumerProtocol>;
  readonly events: string[];
  readonly heard: string[];
  readonly start: () => Promise<Ref<ConsumerProtocol>>;
  /** Cuts the process off from the storage, so that it is dead for the others. */
  readonly cutOff: () => void;
  readonly reconnect: () => void;
  /** Lets calls of the method take effect, and fail. */
  readonly loseAnswers: (method: keyof MemoryNames) => void;
  /** Delays the answers of the method. */
  readonly delay: (method: keyof MemoryNames, ms: number) => void;
}

/** Processes that share names, on one virtual clock. */
export class NameGroup {
  readonly runtime = new VirtualRuntime();
  readonly names = new MemoryNames();

  async node(incarnation: string): Promise<NameNode> {
    const system = new VirtualSystem(this.runtime);
    const link = { isCut: false, mute: '', slow: '', slowMs: 0 };
    const events: string[] = [];
    const heard: string[] = [];
    const registry = new ClusterRegistry<ConsumerProtocol>({
      storage: this.through(link),
      system, incarnation, queue: `queue of ${incarnation}`,
      listeners: [({ type, key }) => heard.push(`${type} ${key}`)],
      onEvent: (event) => events.push(described(event)),
    });
    await registry.join();
    return {
      registry, events, heard,
      start: () => system.start(Consumer.childSpec(undefined)),
      cutOff: () => (link.isCut = true),
      reconnect: () => (link.isCut = false),
      loseAnswers: (method) => (link.mute = method),
      delay: (method, ms) => Object.assign(link, { slow: method, slowMs: ms }),
    };
  }

  /** Lets time pass, and returns the answer. */
  async run<T>(asked: Promise<T>, ms = 0): Promise<T> {
    asked.catch(() => undefined);
    await this.runtime.advance(ms);
    return asked;
  }

  private through(link: { isCut: boolean; mute: string; slow: string; slowMs: number }): MemoryNames {
    return new Proxy(this.names, {
      get: (names, method) => async (...args: unknown[]) => {
        if (link.isCut) throw TestFailure.away();
        const call = Reflect.get(names, method) as (...args: unknown[]) => Promise<unknown>;
        const answer = await call.apply(names, args);
        if (link.slow === method) await sleep(this.runtime, link.slowMs);
        if (link.mute === method) throw TestFailure.away();
        return answer;
      },
    });
  }
}

function described(event: ClusterRegistryEvent): string {
  return event.kind === 'name lost' ? `name lost: ${event.key}` : event.kind;
}
