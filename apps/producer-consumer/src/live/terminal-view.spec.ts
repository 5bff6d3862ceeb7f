import type { Pipeline } from '@aisle/contracts';
import { VirtualRuntime } from '@aisle/std/testing';
import { IDLE_PIPELINE } from '../testing/idle-pipeline.ts';
import { TerminalView, type Screen } from './terminal-view.ts';

describe('TerminalView', () => {
  it('writes one line per second if the output is not a terminal', async () => {
    const { written, runtime, view } = viewOn({});

    view.start();
    await runtime.advance(2_000);

    expect(written).toHaveLength(2);
    expect(written[0]).toMatch(/^pipeline default running .*\n$/);
  });

  it('draws a table above the log in a terminal, and restores the terminal', async () => {
    const { written, runtime, view } = viewOn({ isTTY: true, rows: 40 });

    view.start();
    await runtime.advance(2_000);
    view.stop();
    await runtime.advance(2_000);

    expect(written.map((text) => text.replaceAll('\u001b', 'ESC'))).toEqual([
      'ESC[2JESC[12;40rESC[12;1H',
      expect.stringMatching(/^ESC7.*ESC\[1;1HESC\[2Kpipeline default, running.*ESC8$/),
      expect.stringMatching(/^ESC7.*ESC8$/),
      'ESC[rESC[40;1H',
    ]);
  });

  it('shows that there are no figures, and reads again', async () => {
    let isAway = true;
    const { written, runtime, view } = viewOn({}, async () => {
      if (isAway) throw new Error('away');
      return IDLE_PIPELINE;
    });

    view.start();
    await runtime.advance(1_000);
    isAway = false;
    await runtime.advance(1_000);

    expect(written).toEqual(['no figures\n', expect.stringContaining('running')]);
  });
});

function viewOn(terminal: Omit<Screen, 'write'>, look = async (): Promise<Pipeline> => IDLE_PIPELINE) {
  const written: string[] = [];
  const runtime = new VirtualRuntime();
  const screen = { ...terminal, write: (text: string) => written.push(text) };
  return { written, runtime, view: new TerminalView(screen, runtime, look) };
}
