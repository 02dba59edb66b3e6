/** `node examples/generated-functions/main.ts "who was born first?"` with OPENAI_API_KEY set: a database that makes up its data and is searched in plain language. */
import { openai, type Model } from 'lmdeck';
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

if (import.meta.main) {
  for (const { customer, age } of await search(openai(), process.argv[2] ?? 'who was born first?'))
    console.log(`${customer.firstName} ${customer.lastName}, ${age}, ${customer.address}`);
}
