import { naming } from './unavailable.ts';

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
    throw Object.assign(new Error('duplicate key'), { code: '23505' });
  }

  size(): number {
    return this.labels.size;
  }
}

describe('a repository whose failures are named', () => {
  const shelves = naming(URL, new Shelves());

  it('answers as it did', async () => {
    expect([await shelves.label('a'), shelves.size()]).toEqual(['tea', 1]);
  });

  it('says that the database is away, and where', async () => {
    await expect(shelves.lost()).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining('db:5432') });
  });

  it('rejects with anything else as it is', async () => {
    await expect(shelves.refused()).rejects.toMatchObject({ code: '23505' });
  });
});
