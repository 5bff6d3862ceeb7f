import { Group, type GroupProcess } from './group.ts';

/** A group with two processes. */
export interface TwoProcesses {
  readonly group: Group;
  readonly one: GroupProcess;
  readonly other: GroupProcess;
}

/** Gives each test of a suite two new processes and shuts them down afterwards. The suite has one group. */
export function twoProcesses(): () => TwoProcesses {
  let group: Group;
  let two: TwoProcesses;
  let tests = 0;

  beforeAll(async () => {
    group = await Group.open();
  }, 180_000);
  beforeEach(async () => {
    tests += 1;
    two = { group, one: await group.process(`one-${tests}`), other: await group.process(`other-${tests}`) };
  });
  afterEach(() => group.endAll());
  afterAll(() => group.close());
  return () => two;
}
