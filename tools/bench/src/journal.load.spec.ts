import { runScript } from './testing/run-script.ts';

describe('the journal benchmark', () => {
  it('writes every row by both ways, alone and in groups, and counts its WAL', async () => {
    const stdout = await runScript('journal.ts', '--quick');

    expect(stdout).toMatch(/64 rows, many baskets +journal +[1-9]/);
    expect(stdout).toMatch(/durable events a second: [1-9]/);
    expect(stdout).toMatch(/WAL bytes an event, 64 a commit: [1-9]/);
  });
});
