const { default: Sequencer } = require('@jest/test-sequencer');

// A fresh clone knows of no suite how long it takes, and Jest goes by the size of its file: a suite of ten lines that plays
// half a minute of faults would come last, beside an idle core.
const LONGEST_FIRST = [/\.e2e\.spec\.ts$/, /\.int\.spec\.ts$/, /\.property\.spec\.ts$/, /./];

/** Whole systems first, and what needs no process last; within a kind as Jest has it. */
module.exports = class extends Sequencer {
  sort(tests) {
    const kindOf = ({ path }) => LONGEST_FIRST.findIndex((kind) => kind.test(path));
    return super.sort(tests).sort((one, other) => kindOf(one) - kindOf(other));
  }
};
