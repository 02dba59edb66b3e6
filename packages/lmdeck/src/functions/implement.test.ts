import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { messageText } from '../core/index.ts';
import { mock, type MockModel } from '../models/index.ts';
import { implement, implementInterface } from './implement.ts';
import { classManifest } from './member-spec.ts';

const Customer = z.object({ key: z.string(), name: z.string() });
type Customer = z.infer<typeof Customer>;

abstract class Database {
  declare static mockCustomers: (count: number) => Promise<Customer[]>;
  customers: Customer[];
  readonly #opened = new Date(0);

  constructor(customers: Customer[] = []) {
    this.customers = customers;
  }

  abstract find(query: string): Promise<number>;
  abstract get summary(): Promise<string>;
  abstract load(): Promise<void>;

  get size(): number {
    return this.customers.length;
  }

  async findName(query: string): Promise<string | undefined> {
    return this.customers[await this.find(query)]?.name;
  }

  opened(): number {
    return this.#opened.getTime();
  }
}

const manifest = classManifest({
  name: 'Database',
  description: 'Customers of a shop',
  fields: z.object({ customers: z.array(Customer), size: z.int() }),
  members: {
    find: { description: 'The index of the customer that fits best.', input: z.object({ query: z.string() }), output: z.int().min(0) },
    summary: { kind: 'getter', output: z.string() },
    mockCustomers: { kind: 'static', description: 'Makes up customers.', input: z.object({ count: z.int() }), output: z.array(Customer) },
    size: { kind: 'getter', output: z.int() },
  },
});

const customers = [
  { key: 'a', name: 'Anna' },
  { key: 'b', name: 'Ben' },
];

function asked(model: MockModel): readonly string[] {
  return (model.requests.at(-1)?.messages ?? []).map(messageText);
}

test('methods call the model with the data of this', async () => {
  const model = mock({ outputs: ['{"result": 1}'] });
  const LlmDatabase = implement(Database, manifest, model);
  const database = new LlmDatabase(customers);
  expectTypeOf(database).toEqualTypeOf<Database>();
  expect(database).toBeInstanceOf(Database);
  expect(LlmDatabase.name).toBe('Database');
  expect(await database.find('the second one')).toBe(1);
  expect(asked(model)).toEqual([
    [
      'Database.find: The index of the customer that fits best.',
      'Input: {',
      ' this: { // Customers of a shop',
      '  customers: {',
      '   key: string',
      '   name: string',
      '  }[]',
      '  size: integer',
      ' }',
      ' query: string',
      '}',
      'Output: {',
      ' result: integer // at least 0',
      '}',
      'Answer with the output as JSON, nothing else.',
    ].join('\n'),
    '{"this":{"customers":[{"key":"a","name":"Anna"},{"key":"b","name":"Ben"}],"size":2},"query":"the second one"}',
  ]);
});

test('getters and statics likewise, a static without any this', async () => {
  const model = mock({ outputs: ['{"result": "two people"}', JSON.stringify({ result: customers })] });
  const LlmDatabase = implement(Database, manifest, model);
  expect(await new LlmDatabase(customers).summary).toBe('two people');
  const made = await LlmDatabase.mockCustomers(2);
  expectTypeOf(made).toEqualTypeOf<Customer[]>();
  expect(made).toEqual(customers);
  expect(asked(model)[1]).toBe('{"count":2}');
  expect(asked(model)[0]).toMatch(/^Database.mockCustomers: Makes up customers\.\n\(Database: Customers of a shop\)\n/);
});

test('what people have implemented stays as it is, in the class and in those that extend it', async () => {
  const model = mock({ outputs: ['{"result": 0}'] });
  abstract class MyDatabase extends Database {
    async load(): Promise<void> {
      this.customers = customers;
    }

    override async findName(query: string): Promise<string | undefined> {
      return query === 'last' ? this.customers.at(-1)?.name : super.findName(query);
    }
  }
  const database = new (implement(MyDatabase, manifest, model))();
  await database.load();
  expect([database.size, database.opened()]).toEqual([2, 0]);
  expect(await database.findName('last')).toBe('Ben');
  expect(model.requests).toHaveLength(0);
  expect(await database.findName('first')).toBe('Anna');
  expect(model.requests).toHaveLength(1);
});

test('the result can be extended again, and its members called as super', async () => {
  const model = mock({ outputs: ['{"result": 0}'] });
  abstract class Narrow extends implement(Database, manifest, model) {
    async find(query: string): Promise<number> {
      return query === 'none' ? -1 : Number(await Reflect.get(Object.getPrototypeOf(Narrow.prototype), 'find').call(this, query));
    }
  }
  const database = new (implement(Narrow, manifest, model))(customers);
  expect([await database.find('none'), await database.find('first'), model.requests.length]).toEqual([-1, 0, 1]);
});

test('one class, several strategies', async () => {
  const [small, large] = [mock({ outputs: ['{"result": 0}'] }), mock({ outputs: ['{"result": 1}'] })];
  const First = implement(Database, manifest, small, { options: { temperature: 0 } });
  const Second = implement(Database, manifest, large);
  expect([await new First(customers).find('x'), await new Second(customers).find('x')]).toEqual([0, 1]);
  expect(small.requests[0]?.options).toEqual({ temperature: 0 });
  expect(Reflect.has(Database.prototype, 'find')).toBe(false);
});

test('an interface gets a class that takes its data', async () => {
  interface Dictionary {
    language: string;
    readonly size: Promise<number>;
    define(word: string): Promise<string>;
  }
  const model = mock({ outputs: ['{"result": "a place to live"}', '{"result": 3}'] });
  const LlmDictionary = implementInterface<Dictionary>(
    classManifest({
      name: 'Dictionary',
      fields: z.object({ language: z.string() }),
      members: { define: { input: z.object({ word: z.string() }), output: z.string() }, size: { kind: 'getter', output: z.int() } },
    }),
    model,
  );
  expectTypeOf(LlmDictionary).constructorParameters.toEqualTypeOf<[data: { language: string }]>();
  const dictionary = new LlmDictionary({ language: 'English' });
  expect(await dictionary.define('house')).toBe('a place to live');
  expect(asked(model)[1]).toBe('{"this":{"language":"English"},"word":"house"}');
  expect(await dictionary.size).toBe(3);
});

test('results are transformed by the schemas of the manifest', async () => {
  const clock = classManifest({
    name: 'Clock',
    members: { next: { output: z.iso.date().transform((text) => new Date(text)) } },
  });
  const Clock = implementInterface<{ next(): Promise<Date> }>(clock, mock({ outputs: ['{"result": "2026-01-01"}'] }));
  expect(await new Clock({}).next()).toEqual(new Date('2026-01-01'));
});

test('a schema of something else than parameters is told', () => {
  expect(() => classManifest({ name: 'A', members: { b: { input: z.string(), output: z.string() } } })).toThrow(
    'A.b: input: a schema of an object',
  );
});
