import { genServer, noReply, ok, type ChildSpec } from '@aisle/supervision';

const server = genServer<Record<never, never>, undefined, () => Promise<void>>({
  name: 'control',
  init: async (fill) => {
    await fill();
    return ok(undefined);
  },
  handleInfo: () => noReply(undefined),
});

/** Starts what a tree's supervisors begin without; it stands after them, and nothing is up before it is. */
export function control(fill: () => Promise<void>): ChildSpec {
  return server.childSpec(fill, { id: 'control' });
}
