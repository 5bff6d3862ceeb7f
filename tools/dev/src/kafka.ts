// `npm run kafka`: a real Kafka on this machine until Ctrl-C, for EVENTS_BACKBONE=kafka and for any tool.
import { ensureInfra } from './infra/ensure.ts';

const infra = await ensureInfra({ needs: ['kafka'], report: (line) => console.log(line) });
console.log(`Kafka answers (${infra.sources.kafka}). To use it, start the system with\n  KAFKA_BROKERS=${infra.kafkaBrokers}`);
const rest = setInterval(() => {}, 60_000);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(rest);
    void infra.stop().then((outcome) => console.log(outcome === 'stopped' ? 'stopped' : 'the servers keep running for their other users'));
  });
}
