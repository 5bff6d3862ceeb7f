import type { Pipeline, PipelineFault } from '@aisle/contracts';

type Column = readonly (readonly [label: string, value: string])[];

/** The lines of a text table that shows a pipeline. It fits into a terminal of 80 columns. */
export function tableOf(pipeline: Pipeline): string[] {
  const columns = columnsOf(pipeline).map(aligned);
  const height = Math.max(...columns.map(({ length }) => length));
  const rows = Array.from({ length: height }, (_, row) =>
    columns.map((column) => column[row] ?? ' '.repeat(column[0]?.length ?? 0)).join('   ').trimEnd(),
  );
  return [...headingOf(pipeline), '', ...rows.map((row) => `  ${row}`)];
}

/** A pipeline as one line of text, for an output that is not a terminal. */
export function lineOf(pipeline: Pipeline): string {
  const figures = columnsOf(pipeline).flat().map(([label, value]) => `${label.replaceAll(' ', '-')}=${value.replaceAll(' ', '')}`);
  return `pipeline ${pipeline.name} ${pipeline.running ? 'running' : 'stopped'} ${figures.join(' ')}`;
}

function headingOf({ name, running, producerCount, consumerCount, rate, demand, faults }: Pipeline): string[] {
  const stages = `${counted(producerCount, 'producer')} at ${number(rate)}/s, ${counted(consumerCount, 'consumer')}`;
  return [
    `pipeline ${name}, ${running ? 'running' : 'stopped'}: ${stages} with a demand of ${number(demand)}`,
    faults.length === 0 ? 'no faults' : `faults: ${faults.map(faultOf).join(', ')}`,
  ];
}

function columnsOf({ metrics }: Pipeline): Column[] {
  const { latencyMs: { p50, p95, p99, max }, process } = metrics;
  return [
    [['events/s', number(metrics.eventsPerSecond, 1)], ['produced', number(metrics.produced)],
      ['acknowledged', number(metrics.acknowledged)], ['dead letters', number(metrics.deadLettered)],
      ['failures', number(metrics.failures)], ['restarts', number(metrics.restarts)],
      ['faults', number(metrics.faultsInjected)]],
    [['p50', ms(p50)], ['p95', ms(p95)], ['p99', ms(p99)], ['max', ms(max)]],
    [['in flight', number(metrics.inFlight)], ['queued', number(metrics.queued)], ['parked', number(metrics.parked)],
      ['demand', number(metrics.demand)], ['buffer', `${Math.round(metrics.bufferFill * 100)} %`]],
    [['cpu', `${number(process.cpuPercent, 1)} %`], ['loop lag', ms(process.eventLoopLagMs)],
      ['memory', `${number(process.memoryMiB)} MiB`]],
  ];
}

/** Aligns labels to the left and values to the right, with the same width for all rows. */
function aligned(column: Column): string[] {
  const labelWidth = Math.max(...column.map(([label]) => label.length));
  // The minimum width keeps the table in place while its figures grow.
  const valueWidth = Math.max(7, ...column.map(([, value]) => value.length));
  return column.map(([label, value]) => `${label.padEnd(labelWidth)} ${value.padStart(valueWidth)}`);
}

function faultOf({ kind, at, probability }: PipelineFault): string {
  return `${kind} at ${at} ${number(probability * 100, 2)} %`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function ms(figure: number | null): string {
  return figure === null ? '-' : `${number(figure, 2)} ms`;
}

function number(figure: number, digits = 0): string {
  return figure.toLocaleString('en-GB', { maximumFractionDigits: digits });
}
