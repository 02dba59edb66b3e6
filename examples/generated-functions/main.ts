/** `node examples/generated-functions/main.ts "who was born first?"`: a database that makes up its data and is searched in plain language. Without OPENAI_API_KEY the answers are scripted. */
import { mock, openai, type Model } from 'lmdeck';
import { implement } from 'lmdeck/functions';
import { ageOf, customerDatabaseManifest, type Customer } from './customers.llm.generated.ts';
import { CustomerDatabase } from './customers.llm.ts';

/** The database, with what people have to add: here it is filled with customers that do not exist. */
export function mockDatabase(model: Model) {
  abstract class MockDatabase extends CustomerDatabase {
    async load(): Promise<void> {
      this.customers = await Database.createMockCustomers(3);
    }

    async store(): Promise<void> {}
  }
  const Database = implement(MockDatabase, customerDatabaseManifest, model);
  return Database;
}

/** Makes up customers and finds those that a question is about. */
export async function search(model: Model, question: string): Promise<readonly { readonly customer: Customer; readonly age: number }[]> {
  const database = new (mockDatabase(model))();
  await database.load();
  const keys = await database.findCustomerKeys(question);
  const found = database.customers.filter((customer) => keys.includes(customer.key));
  return Promise.all(found.map(async (customer) => ({ customer, age: await ageOf(model)(customer, 2026) })));
}

/** What a model might say: customers, the keys of those that are meant, and how old they are. */
const scripted = [
  {
    result: [
      { key: 'c1', firstName: 'Haruka', lastName: 'Sato', birthdate: '1993-04-02T00:00:00Z', address: 'Osaka, Japan', level: 'gold' },
      { key: 'c2', firstName: 'Amina', lastName: 'Diallo', birthdate: '1961-11-30T00:00:00Z', address: 'Dakar, Senegal', level: 'new' },
    ],
  },
  { result: ['c2'] },
  { result: 65 },
];

if (import.meta.main) {
  const model = process.env['OPENAI_API_KEY'] ? openai() : mock({ outputs: scripted.map((answer) => JSON.stringify(answer)) });
  for (const { customer, age } of await search(model, process.argv[2] ?? 'who was born first?'))
    console.log(`${customer.firstName} ${customer.lastName}, ${age}, ${customer.address}`);
}
