import 'reflect-metadata';
import { ShutdownPlan, systemRuntime } from '@aisle/std';
import { Test } from '@nestjs/testing';
import { part, provided, token } from './provided.ts';

class Shelf {
  constructor(readonly name: string, readonly labels: readonly string[] = []) {}
}

class Till {
  readonly said: string[] = [];
  constructor(readonly options: { readonly shelf: Pick<Shelf, 'name'>; readonly float: number }) {}

  start(): void {
    this.said.push('start');
  }

  close(): void {
    this.said.push('close');
  }
}

const NAME = token<string>('name');
const FLOAT = token<number>('float');

describe('provided', () => {
  it.each([
    ['from the arguments of its constructor', provided(Shelf, [NAME]), { name: 'tea', labels: [] }],
    ['from named dependencies, by a function', provided(Shelf, { name: NAME }, ({ name }) => new Shelf(name, [name])), { name: 'tea', labels: ['tea'] }],
    ['from named dependencies, by an asynchronous function', provided(Shelf, { name: NAME }, async ({ name }) => new Shelf(name)), { name: 'tea' }],
  ])('creates an instance %s', async (_how, provider, expected) => {
    const app = await Test.createTestingModule({ providers: [{ provide: NAME, useValue: 'tea' }, provider] }).compile();

    expect(app.get(Shelf)).toBeInstanceOf(Shelf);
    expect(app.get(Shelf)).toMatchObject(expected);
  });

  it('creates an instance from options, and registers it as a part', async () => {
    const plan = new ShutdownPlan(systemRuntime);
    const app = await Test.createTestingModule({
      providers: [
        { provide: NAME, useValue: 'tea' }, { provide: FLOAT, useValue: 50 }, { provide: ShutdownPlan, useValue: plan },
        provided(Shelf, [NAME]), part('servers', 'till', provided(Till, { shelf: Shelf, float: FLOAT })),
      ],
    }).compile();
    const till = app.get(Till);

    await plan.start();
    await plan.run();

    expect(till.options).toEqual({ shelf: app.get(Shelf), float: 50 });
    expect(plan.order).toEqual(['servers: till']);
    expect(till.said).toEqual(['start', 'close']);
  });
});

// Wrong tokens do not compile: `npm run typecheck` covers this file.
export const wrong = [
  // @ts-expect-error a shelf has a name, which is a text
  provided(Shelf, [FLOAT]),
  // @ts-expect-error a till needs a float
  provided(Till, { shelf: Shelf }),
  // @ts-expect-error a till is not a shelf
  provided(Till, { shelf: NAME, float: FLOAT }),
  // @ts-expect-error the function makes a shelf
  provided(Shelf, { float: FLOAT }, ({ float }) => float),
];
