/** The queues and ports where the two processes of the transport benchmark meet. */
export const KEY_PREFIX = 'bench-transport:';
export const QUEUES = { broker: 'echo', nest: 'echo-nest' };
export const TCP_PORT = 47_315;

export function redisAddress(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 6379) };
}
