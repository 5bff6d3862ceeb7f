import { simulateSeeds } from '@aisle/simulation';
import { clusterScenario } from './testing/scenario.ts';

it('runs', async () => {
  const report = await simulateSeeds({ seeds: Number(process.env['N'] ?? 20), from: Number(process.env['FROM'] ?? 1), scenario: clusterScenario() });
  console.log(JSON.stringify(report, null, 1));
}, 300000);
