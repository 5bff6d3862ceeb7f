import { genServer, noReply, ok, type ChildSpec } from '@aisle/supervision';

const server = genServer<Record<never, never>, undefined, () => Promise<void>>({
  name: 'control',
  init: async (fill) => {
    await fill();
    return ok(undefined);
  },
  handleInfo: () => noReply(undefined),
});

/**
 * Starts the children that the supervisors of a tree begin without. It is the last child, and the tree has started only
 * once it has.
 */
export function control(fill: () => Promise<void>): ChildSpec {
  return server.childSpec(fill, { id: 'control' });
}
