import { systemRuntime, type Runtime } from '@aisle/std';
import {
  Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown, type Provider,
  type Type,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { ExitReason } from '../exit-reason.ts';
import { Alias, type Ref } from '../message/ref.ts';
import type { Protocol, Unchecked } from '../message/protocol.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';
import type { SupervisorFlags } from '../supervisor/supervisor-state.ts';
import { Supervisor, type SupervisorProtocol, type SupervisorTree } from '../supervisor/supervisor.ts';
import { System, type SystemHooks } from '../system.ts';
import { refToken } from './inject-ref.ts';

/** A provider that is a child of the tree: Nest gives it what it needs, and it says how to start. */
export interface ChildProvider<P extends Protocol = Unchecked> {
  childSpec(): ChildSpec<Unchecked, P>;
}

/** A supervision tree whose children are specifications, or classes of providers that have one. */
export interface SupervisionTree extends SupervisorFlags {
  children: readonly (ChildSpec | Type<ChildProvider>)[];
}

export interface SupervisionModuleOptions {
  /** Clock, timers and chance of the tree; the real ones by default. */
  runtime?: Runtime;
  /** Where crash and supervisor reports go. */
  hooks?: SystemHooks;
  /**
   * What happens when the root gives up. By default the process ends as by SIGTERM, with exit code 1:
   * Nest's shutdown hooks drain the rest when `enableShutdownHooks` is on.
   */
  onRootExit?: (reason: ExitReason) => void;
}

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
    const root = new Root(system);
    const addresses: Provider[] = [...pathsOf(tree.children)].map((child) => ({
      provide: refToken(child),
      useFactory: () => new ChildAddress(root, child),
    }));
    const lifecycle: Provider = {
      provide: Lifecycle,
      useFactory: (providers: ModuleRef) => new Lifecycle(root, tree, providers, onRootExit),
      inject: [ModuleRef],
    };
    return {
      module: SupervisionModule,
      global: true,
      providers: [{ provide: System, useValue: system }, ...addresses, lifecycle],
      exports: [System, ...[...pathsOf(tree.children)].map(refToken)],
    };
  }
}

class Root extends Alias<SupervisorProtocol> {
  ref: Ref<SupervisorProtocol> | undefined = undefined;
  /** Ids of the children that classes provide; known once the tree starts. */
  readonly ids = new Map<Type<ChildProvider>, string>();

  constructor(readonly system: System) {
    super();
  }

  whereis(): Ref<SupervisorProtocol> | undefined {
    return this.ref?.whereis();
  }

  toString(): string {
    return 'root';
  }
}

class ChildAddress extends Alias {
  protected readonly system;
  private found: Alias | undefined = undefined;

  constructor(
    private readonly root: Root,
    private readonly child: string | Type<ChildProvider>,
  ) {
    super();
    this.system = root.system;
  }

  whereis(): Ref | undefined {
    const { root, child } = this;
    const path = typeof child === 'string' ? child : root.ids.get(child);
    if (this.found === undefined && path !== undefined) {
      this.found = path.split('/').reduce<Alias>((parent, id) => Supervisor.child(parent, id), root);
    }
    return this.found?.whereis();
  }

  toString(): string {
    return typeof this.child === 'string' ? this.child : this.child.name;
  }
}

class Lifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  private stopping = false;

  constructor(
    private readonly root: Root,
    private readonly tree: SupervisionTree,
    private readonly providers: ModuleRef,
    private readonly onRootExit: (reason: ExitReason) => void,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const children = this.tree.children.map((child) => this.specOf(child));
    const { system } = this.root;
    const root = await system.start(Supervisor.childSpec({ ...this.tree, children }, { id: 'root' }));
    this.root.ref = root;
    void root.whenDown().then((reason) => {
      if (!this.stopping) this.onRootExit(reason);
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.root.ref?.stop('shutdown');
  }

  private specOf(child: ChildSpec | Type<ChildProvider>): ChildSpec {
    if (typeof child !== 'function') return child;
    const spec = this.providers.get(child, { strict: false }).childSpec();
    this.root.ids.set(child, spec.id);
    return spec;
  }
}

function* pathsOf(
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
    if (child.type === 'supervisor' && below) yield* pathsOf(below, `${prefix}${child.id}/`);
  }
}

function endProcess(): void {
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}
