import { LocalRequests, isLoopback } from './local-requests.ts';

describe('a port without credentials', () => {
  const requests = new LocalRequests(new Set(['aisle.example']));

  it.each<Record<string, string>>([
    { host: 'localhost:3000' }, { host: '127.0.0.1' }, { host: '[::1]:3000' }, { host: 'LOCALHOST:3000' }, { host: 'aisle.example' },
    { host: 'localhost:3000', origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }, { host: 'localhost', 'sec-fetch-site': 'none' },
  ])('answers a request of this machine with %j', (headers) => {
    expect(() => requests.check(headers)).not.toThrow();
  });

  it.each<[code: string, headers: Record<string, string>]>([
    ['request.misdirected', { host: 'evil.example' }],
    ['request.misdirected', { host: 'evil.example:3000', origin: 'http://evil.example:3000' }],
    ['request.misdirected', { host: 'localhost.evil.example' }],
    ['request.misdirected', { host: '127.0.0.1.evil.example:3000' }],
    ['request.misdirected', { host: '192.168.0.7:3000' }],
    ['request.misdirected', { host: '' }],
    ['request.misdirected', {}],
    ['request.cross_site', { host: 'localhost:3000', origin: 'http://evil.example' }],
    ['request.cross_site', { host: 'localhost:3000', origin: 'http://localhost:5173' }],
    ['request.cross_site', { host: 'localhost:3000', origin: 'http://localhost' }],
    ['request.cross_site', { host: 'localhost:3000', origin: 'null' }],
    ['request.cross_site', { host: 'localhost:3000', 'sec-fetch-site': 'cross-site' }],
    ['request.cross_site', { host: 'localhost:3000', 'sec-fetch-site': 'same-site' }],
    ['request.forwarded', { host: 'localhost:3000', 'x-forwarded-for': '10.0.0.1' }],
    ['request.forwarded', { host: 'localhost:3000', 'x-forwarded-host': 'localhost' }],
    ['request.forwarded', { host: 'localhost:3000', forwarded: 'for=10.0.0.1' }],
  ])('refuses with %s a request with %j', (code, headers) => {
    expect(() => requests.check(headers)).toThrow(expect.objectContaining({ code }));
  });

  it.each([['127.0.0.1', true], ['127.1.2.3', true], ['::1', true], ['localhost', true], ['0.0.0.0', false], ['::', false], ['10.0.0.1', false]])(
    'can listen on %s: %s', (host, can) => {
      expect(isLoopback(host)).toBe(can);
    },
  );
});
