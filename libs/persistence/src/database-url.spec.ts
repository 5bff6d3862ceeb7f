import { databaseAddress, withDatabase } from './database-url.ts';

describe('A database URL', () => {
  it('is parsed with its escapes decoded, and with the default port', () => {
    expect(databaseAddress('postgres://b%40sket:p%2Fw@db.example/aisle?sslmode=require')).toEqual({
      host: 'db.example', port: 5432, database: 'aisle', role: 'b@sket', password: 'p/w',
    });
    expect(databaseAddress('postgresql://a@[::1]:6543/aisle')).toMatchObject({ host: '::1', port: 6543 });
  });

  it.each([
    ['an empty text', ''],
    ['another scheme', 'mysql://basket:s3cret@db.example/aisle'],
    ['no database', 'postgres://basket:s3cret@db.example'],
    ['no role', 'postgres://db.example/aisle'],
    ['a bad port', 'postgres://basket:s3cret@db.example:port/aisle'],
    ['a bad escape', 'postgres://basket:s3cret@db.example/%zz'],
  ])('with %s is refused, and the error does not repeat it', (_what, url) => {
    const refused = (): unknown => databaseAddress(url);

    expect(refused).toThrow(expect.objectContaining({ kind: 'unavailable', code: 'database.url_invalid' }));
    expect(refused).not.toThrow('s3cret');
  });

  it('keeps server, credentials and options when the database changes', () => {
    expect(withDatabase('postgres://a:b%40@db.example:6543/one?sslmode=require', 'two words')).toBe(
      'postgres://a:b%40@db.example:6543/two%20words?sslmode=require',
    );
  });
});
