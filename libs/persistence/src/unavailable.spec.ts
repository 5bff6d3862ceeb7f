import { inspect } from 'node:util';
import { isFailure } from '@aisle/std';
import { dataRefusal, type DataRefused } from './data-refused.ts';
import { withDatabaseErrors } from './unavailable.ts';

const URL = 'postgres://shop:s3cret@db:5432/shop';

class Shelves {
  private readonly labels = new Map([['a', 'tea']]);

  async label(id: string): Promise<string | undefined> {
    return this.labels.get(id);
  }

  async lost(): Promise<void> {
    throw Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' });
  }

  async refused(): Promise<void> {
    const facts = { code: '23514', table: 'shelf', constraint: 'shelf_label', detail: 'Failing row contains (s3cret)' };
    throw Object.assign(new Error('new row violates a check: s3cret'), facts);
  }

  async broken(): Promise<void> {
    throw Object.assign(new Error('relation does not exist'), { code: '42P01' });
  }

  size(): number {
    return this.labels.size;
  }
}

describe('a repository with translated errors', () => {
  const shelves = withDatabaseErrors(URL, new Shelves());

  it('returns the results of its methods', async () => {
    expect([await shelves.label('a'), shelves.size()]).toEqual(['tea', 1]);
  });

  it.each(['21000', '22P05', '22003', '23502', '44000', '54000'])('takes SQLSTATE %s as a refusal of the data', (code) => {
    expect(dataRefusal(Object.assign(new Error('no'), { code }))).toEqual({ sqlState: code });
  });

  it.each(['08006', '25P02', '40001', '42P01', '53100', '57014', 'P0001', undefined])('does not take SQLSTATE %s as a refusal of the data', (code) => {
    expect(dataRefusal(Object.assign(new Error('no'), { code }))).toBeUndefined();
  });

  it('reports that the database is away, with its address', async () => {
    await expect(shelves.lost()).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining('db:5432') });
  });

  it('names the table and constraint of refused data, and quotes no value', async () => {
    const refused = await shelves.refused().catch((error: unknown) => error as DataRefused);

    expect(refused).toMatchObject({
      code: '23514', refusal: { sqlState: '23514', table: 'shelf', constraint: 'shelf_label' },
      message: 'PostgreSQL refused the data: SQLSTATE 23514, table shelf, constraint shelf_label',
    });
    expect(inspect(refused)).not.toContain('s3cret');
    expect(isFailure(refused)).toBe(false);
  });

  it('rejects with any other error unchanged', async () => {
    await expect(shelves.broken()).rejects.toMatchObject({ code: '42P01', message: 'relation does not exist' });
  });
});
