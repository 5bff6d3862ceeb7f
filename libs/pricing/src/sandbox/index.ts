export { Sandbox } from './sandbox.ts';
export type { SandboxOptions, Trial } from './sandbox.ts';
export type { Answered, ScriptVersion } from './script.ts';
export { ScriptFault } from './script-fault.ts';
export type { FaultCode } from './script-fault.ts';
