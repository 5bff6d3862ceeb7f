import { genServer, ok, reply } from '@aisle/supervision';

export interface ConsumerProtocol {
  call: { name(): string };
}

/** A server to be named. */
export const Consumer = genServer<ConsumerProtocol, null>({
  name: 'Consumer',
  init: () => ok(null),
  handleCall: { name: (state) => reply('consumer', state) },
});
