import { list, SERVERS, type Command, type Lists } from './lists.ts';

/** Hands each command to the server of its shard. */
export async function manage(lists: Lists): Promise<void> {
  const servers = Array.from({ length: SERVERS }, (_, at) => list.server(at));
  await lists.receive<Command>(list.manager, (command) => lists.send(servers[command[0] % SERVERS]!, command));
}
