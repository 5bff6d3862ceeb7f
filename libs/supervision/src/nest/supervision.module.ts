import { systemRuntime, type Runtime } from '@aisle/std';
import {
  Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown, type Provider,
  type Type,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { ExitReason } from '../exit-reason.ts';
import { Alias } from '../message/alias.ts';
import type { DeadLetters } from '../message/dead-letters.ts';
import type { Address, Ref } from '../message/ref.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';
import type { SupervisorFlags } from '../supervisor/supervisor-state.ts';
import { Supervisor, type SupervisorTree } from '../supervisor/supervisor.ts';
import type { SystemHooks } from '../reports.ts';
import { System } from '../system.ts';
import { refToken, type ChildProvider } from './inject-ref.ts';

/** A supervision tree. Its children are specifications, or classes of providers that return one. */
export interface SupervisionTree extends SupervisorFlags {
  children: readonly (ChildSpec | Type<ChildProvider>)[];
}

/** The runtime and hooks of the tree, and the consequence of its end for the process. */
export interface SupervisionModuleOptions {
  /** Clock, timers and random numbers of the tree; the real ones by default. */
  runtime?: Runtime;
  /** Receive crash and supervisor reports. */
  hooks?: SystemHooks;
  /**
   * Called when the root gives up. By default the process ends as after a SIGTERM, with exit code 1; Nest's shutdown
   * hooks drain the rest if `enableShutdownHooks` is on.
   */
  onRootExit?: (reason: ExitReason) => void;
}

const ROOT = 'root';

/**
 * Runs a supervision tree in a Nest application. It starts when all modules are ready, before the
 * application listens, and stops after its connections are closed. Also provides the `System`.
 */
@Module({})
export class SupervisionModule {
  static forRoot(
    tree: SupervisionTree,
    { runtime = systemRuntime, hooks = {}, onRootExit = endProcess }: SupervisionModuleOptions = {},
  ): DynamicModule {
    const system = new System(runtime, { hooks });
    const provided = new Map<Type<ChildProvider>, Address>();
    const children = [...childrenOf(tree.children)];
    const addresses: Provider[] = children.map((child) => ({
      provide: refToken(child),
      useValue:
        typeof child === 'string'
          ? system.address(`${ROOT}/${child}`)
          : new ProvidedAddress(system.deadLetters, child, provided),
    }));
    const lifecycle: Provider = {
      provide: Lifecycle,
      useFactory: (providers: ModuleRef) => {
        const specOf = (child: Type<ChildProvider>): ChildSpec => {
          const spec = providers.get(child, { strict: false }).childSpec();
          provided.set(child, system.address(`${ROOT}/${spec.id}`));
          return spec;
        };
        return new Lifecycle(system, tree, specOf, onRootExit);
      },
      inject: [ModuleRef],
    };
    return {
      module: SupervisionModule,
      global: true,
      providers: [{ provide: System, useValue: system }, ...addresses, lifecycle],
      exports: [System, ...children.map(refToken)],
    };
  }
}

/** The address of a child whose class gives its id only when the tree starts. */
class ProvidedAddress extends Alias {
  constructor(
    protected readonly deadLetters: DeadLetters,
    private readonly child: Type<ChildProvider>,
    private readonly addresses: ReadonlyMap<Type<ChildProvider>, Address>,
  ) {
    super();
  }

  whereis(): Ref | undefined {
    return this.addresses.get(this.child)?.whereis();
  }

  toString(): string {
    return this.child.name;
  }
}

class Lifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  private root: Ref | undefined = undefined;
  private stopping = false;

  constructor(
    private readonly system: System,
    private readonly tree: SupervisionTree,
    private readonly specOf: (child: Type<ChildProvider>) => ChildSpec,
    private readonly onRootExit: (reason: ExitReason) => void,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const children = this.tree.children.map((child) =>
      typeof child === 'function' ? this.specOf(child) : child,
    );
    const spec = Supervisor.childSpec({ ...this.tree, children }, { id: ROOT });
    this.root = await this.system.start(spec);
    void this.root.whenDown().then((reason) => {
      if (!this.stopping) this.onRootExit(reason);
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.root?.stop('shutdown');
  }
}

/** The children that `@InjectRef` may name: classes, and paths of ids below the root. */
function* childrenOf(
  children: SupervisionTree['children'],
  prefix = '',
): Generator<string | Type<ChildProvider>> {
  for (const child of children) {
    if (typeof child === 'function') {
      yield child;
      continue;
    }
    yield `${prefix}${child.id}`;
    const { children: below } = (child.args ?? {}) as Partial<SupervisorTree>;
    if (child.type === 'supervisor' && below) yield* childrenOf(below, `${prefix}${child.id}/`);
  }
}

function endProcess(): void {
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}
