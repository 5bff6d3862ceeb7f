export { System } from './system.ts';
export type { SystemOptions } from './system.ts';
export type { FoundProcess, ObserveOptions, TreeNode } from './observe.ts';
export { describeExit, isAbnormal } from './exit-reason.ts';
export type { ExitReason, ExitSignal } from './exit-reason.ts';
export { CallFailure, ChildFailure, Deadlock, ProcessDead, ProcessFailure, ServerExited, StartFailed } from './failures.ts';


export { genServer } from './server/gen-server.ts';
export type {
  CallHandlers, CastHandlers, GenServer, GenServerCallbacks,
} from './server/gen-server.ts';
export { KeeperFailure, StateKeeper } from './server/state-keeper.ts';
export type { StateKeeperOptions, StateKeeperProtocol } from './server/state-keeper.ts';

export { ignore, noReply, ok, reply, stop, stopReply } from './process/outcome.ts';
export type { MaybePromise, Next, Outcome } from './process/outcome.ts';
export type { Context } from './process/context.ts';
export type { Down, Exit, Monitor } from './process/links.ts';
export type { Crash, Survived, SupervisorEvent, SystemHooks } from './reports.ts';

export { Alias } from './message/alias.ts';
export type { Address, MessageFacts, Name, Ref, Tracer, Watcher } from './message/ref.ts';
export type { From } from './message/request.ts';
export type { MailboxBound, MessageKind, Overflow } from './message/mailbox.ts';
export type { DeadLetter, DeadLetterCause, DeadLetters } from './message/dead-letters.ts';
export type { CallOptions, CastOptions, Protocol, SendOptions, Unchecked } from './message/protocol.ts';

export type {
  ChildOptions, ChildSpec, Restart, Shutdown, StartContext,
} from './supervisor/child-spec.ts';
export type { ChildCount, ChildInfo } from './supervisor/children.ts';
export type { Backoff, RestartFlags } from './supervisor/restart-policy.ts';
export { Supervisor } from './supervisor/supervisor.ts';
export type { SupervisorProtocol, SupervisorTree } from './supervisor/supervisor.ts';
export type { Strategy, SupervisorFlags } from './supervisor/supervisor-state.ts';
export { DynamicSupervisor } from './supervisor/dynamic-supervisor.ts';
export type {
  DynamicSupervisorFlags, DynamicSupervisorProtocol,
} from './supervisor/dynamic-supervisor.ts';
export { PartitionSupervisor } from './supervisor/partition-supervisor.ts';
export type { Partitions } from './supervisor/partition-supervisor.ts';
export { TaskSupervisor } from './supervisor/task-supervisor.ts';
export type { StreamOptions, Task, TaskOptions, Work } from './supervisor/task-supervisor.ts';
