import { runPipeline } from '/work/main/tools/bench/src/pipeline/aisle.ts';
const [work, consumers, maxDemand, events, rounds] = process.argv.slice(2);
for (let r = 0; r < Number(rounds ?? 5); r++) {
  const s = performance.now(); const c = process.cpuUsage();
  await runPipeline({ work: work as any, consumers: +consumers, maxDemand: +maxDemand, events: +events });
  const ms = performance.now() - s; const u = process.cpuUsage(c);
  console.log(work, consumers, maxDemand, (+events / ms / 1000).toFixed(1), 'M/s wall', (+events / ((u.user + u.system) / 1e3) / 1000).toFixed(1), 'M/s cpu');
}
