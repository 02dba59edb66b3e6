/**
 * A database that is searched in plain language, and makes up its own test data: `node examples/functions/customer-database.ts "who was born first?"`
 *. Without
 * OPENAI_API_KEY the answers are scripted. The class is written by hand but for what a model does better; that is declared abstract and described by schemas.
 */
import { mock, openai, type Model } from 'lmdeck';
import { classManifest, implement } from 'lmdeck/functions';
import { z } from 'zod';

export const CustomerData = z.object({
  key: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  birthdate: z.iso.date(),
  address: z.string(),
});
export type CustomerData = z.infer<typeof CustomerData>;

export abstract class Customer {
  readonly key: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly birthdate: string;
  readonly address: string;

  constructor({ key, firstName, lastName, birthdate, address }: CustomerData) {
    this.key = key;
    this.firstName = firstName;
    this.lastName = lastName;
    this.birthdate = birthdate;
    this.address = address;
  }

  /** Age in whole years. */
  abstract get age(): Promise<number>;

  get fullName(): string {
    return `${this.firstName} ${this.lastName}`;
  }
}

export abstract class CustomerDatabase {
  declare static createMockCustomers: (count: number) => Promise<Customer[]>;
  declare static createMockQueries: (customers: readonly Customer[], count: number) => Promise<string[]>;
  readonly customers: readonly Customer[];

  constructor(customers: readonly Customer[]) {
    this.customers = customers;
  }

  abstract findCustomerIndex(query: string): Promise<number>;

  /** Written by a person, on top of what a model does. */
  async find(query: string): Promise<Customer | undefined> {
    return this.customers[await this.findCustomerIndex(query)];
  }
}

/** The database as a model carries it out: call it with several, and they are several strategies. */
export function customerDatabase(model: Model) {
  const LlmCustomer = implement(
    Customer,
    classManifest({
      name: 'Customer',
      fields: CustomerData,
      members: {
        age: { kind: 'getter', description: 'Age in whole years at the end of 2022, from the birthdate.', output: z.int().min(0) },
      },
    }),
    model,
  );
  const manifest = classManifest({
    name: 'CustomerDatabase',
    fields: z.object({ customers: z.array(CustomerData) }),
    members: {
      findCustomerIndex: {
        description: 'The index of the customer that fits a query in natural language best.',
        input: z.object({ query: z.string().describe('What to look for, like "the one that was born in 1990"') }),
        output: z.int().min(0),
      },
      createMockCustomers: {
        kind: 'static',
        description: 'Makes up customers with believable data. They come from all over the world.',
        input: z.object({ count: z.int() }),
        output: z.array(CustomerData.transform((data) => new LlmCustomer(data))),
      },
      createMockQueries: {
        kind: 'static',
        description: 'Makes up queries that each find one of the customers, but do not name it.',
        input: z.object({ customers: z.array(CustomerData), count: z.int() }),
        output: z.array(z.string()),
      },
    },
  });
  return implement(CustomerDatabase, manifest, model);
}

/** What a model might say: customers, who of them is meant, and how old they are. */
const scripted = [
  {
    result: [
      { key: 'a', firstName: 'Haruka', lastName: 'Sato', birthdate: '1993-04-02', address: 'Osaka, Japan' },
      { key: 'b', firstName: 'Amina', lastName: 'Diallo', birthdate: '1961-11-30', address: 'Dakar, Senegal' },
    ],
  },
  { result: 1 },
  { result: 65 },
];

if (import.meta.main) {
  const model = process.env['OPENAI_API_KEY'] ? openai() : mock({ outputs: scripted.map((answer) => JSON.stringify(answer)) });
  const Database = customerDatabase(model);
  const database = new Database(await Database.createMockCustomers(4));
  for (const customer of database.customers) console.log(customer.fullName, customer.birthdate, customer.address);
  const found = await database.find(process.argv[2] ?? 'who was born first?');
  console.log(found?.fullName, await found?.age);
}
