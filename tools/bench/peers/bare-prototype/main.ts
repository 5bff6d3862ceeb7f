// One process of the prototype: `main.ts gateway`, `main.ts manager`, or `main.ts server 0`.
import { serveGateway } from './gateway.ts';
import { Lists } from './lists.ts';
import { manage } from './manager.ts';
import { serveBaskets } from './server.ts';

const [role, at] = process.argv.slice(2);
// An exit, and not the signal, writes a CPU profile.
process.once('SIGTERM', () => process.exit());
const lists = new Lists();
if (role === 'gateway') await serveGateway(lists);
else if (role === 'manager') await manage(lists);
else await serveBaskets(lists, Number(at));
