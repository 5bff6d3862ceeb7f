import { spawnSync } from 'node:child_process';
import { sourceArgs, workspaceRoot } from './workspace.ts';

describe('the flags of a script', () => {
  it('are named to whoever asks for another one', () => {
    const { status, stderr } = spawnSync(process.execPath, [...sourceArgs('tools/dev/src/seed.ts'), '--sise', 'm'], {
      cwd: workspaceRoot, encoding: 'utf8',
    });

    expect(stderr).toBe("Unknown option '--sise'\nthe known flags are --size, --reset\n");
    expect(status).toBe(2);
  });
});
