import './promise-with-resolvers.ts';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import { createEndpointHandler } from '@restatedev/restate-sdk/node';
import { basket } from './basket.ts';
import { RestateServer } from './restate-server.ts';

const servicesPort = Number(process.env['SERVICES_PORT']);
const services = createServer(createEndpointHandler({ services: [basket] })).listen(servicesPort, '127.0.0.1');
await once(services, 'listening');
const starting = RestateServer.start({
  ingressPort: Number(process.env['PORT']),
  adminPort: Number(process.env['ADMIN_PORT']),
});
process.once('SIGTERM', () => void starting.then((server) => server.stop()).finally(() => process.exit()));
const server = await starting;
process.on('message', () => process.send?.(server.pid));
try {
  await server.register(`http://127.0.0.1:${servicesPort}`);
} catch (error) {
  await server.stop();
  throw error;
}
