// Made by `lmdeck functions generate` from customers.llm.ts: change that, and generate again.
// Sources: customers.llm.ts (sha256 86a1cddcf697d4f0d8000844c5b842af530a34a545565b3e00348e79be2d55f8)

import type { Model } from 'lmdeck';
import { defineFunction, implement, type ClassManifest, type FunctionOptions, type ImplementedClass } from 'lmdeck/functions';
import type * as declared from './customers.llm.ts';
import { CustomerDatabase } from './customers.llm.ts';

export type * from './customers.llm.ts';

const types = {
  Customer: {
    type: 'object',
    properties: {
      key: { type: 'string', pattern: '^c\\d+$' },
      firstName: { type: 'string' },
      lastName: { type: 'string' },
      birthdate: { type: 'string', format: 'date-time', 'x-type': 'Date' },
      address: { type: 'string', description: 'Street, city and country.' },
      level: { enum: ['new', 'regular', 'gold'] },
    },
    required: ['key', 'firstName', 'lastName', 'birthdate', 'address', 'level'],
    additionalProperties: false,
    description: 'A customer.',
  },
};

/**
 * How old a customer is.
 * @param customer - Who.
 * @param year - At the end of which year.
 * @returns Age in whole years.
 */
export const ageOf = defineFunction<
  typeof declared.ageOf,
  {
    customer: Parameters<typeof declared.ageOf>[0];
    year: Parameters<typeof declared.ageOf>[1];
  }
>({
  name: 'ageOf',
  description: 'How old a customer is.',
  parameters: [
    { name: 'customer', description: 'Who.', schema: { $ref: '#/$defs/Customer' } },
    { name: 'year', description: 'At the end of which year.', schema: { type: 'number' } },
  ],
  output: { type: 'integer', minimum: 0 },
  outputDescription: 'Age in whole years.',
  examples: [
    {
      input: {
        customer: {
          key: 'c1',
          firstName: 'Ada',
          lastName: 'Byron',
          birthdate: '1990-12-10T00:00:00.000Z',
          address: 'London',
          level: 'new',
        },
        year: 2022,
      },
      output: 32,
    },
  ],
  definitions: types,
});

export const customerDatabaseManifest: ClassManifest = {
  name: 'CustomerDatabase',
  description: 'A database of customers, in memory. Where they come from and go to, a person decides.',
  fields: [{ name: 'customers', schema: { type: 'array', items: { $ref: '#/$defs/Customer' } } }],
  members: [
    {
      kind: 'method',
      definition: {
        name: 'findCustomerKeys',
        description:
          'Finds the keys of the customers that fit a query in natural language best, the best first. Queries may be about anything that is known of a customer,\nlike "the customer that was born in 1990".',
        parameters: [{ name: 'query', description: 'What to look for', schema: { type: 'string', minLength: 1 } }],
        output: { type: 'array', items: { type: 'string' }, maxItems: 3 },
        outputDescription: 'Their keys',
      },
    },
    {
      kind: 'static',
      definition: {
        name: 'createMockCustomers',
        description: 'Makes up customers with believable data. They come from all over the world.',
        parameters: [{ name: 'count', description: 'How many', schema: { type: 'integer', minimum: 1 } }],
        output: { type: 'array', items: { $ref: '#/$defs/Customer' } },
      },
    },
  ],
  definitions: types,
};

/**
 * A database of customers, in memory. Where they come from and go to, a person decides.
 *
 * Its members are carried out by a model.
 */
export function implementCustomerDatabase(model: Model, options?: FunctionOptions): ImplementedClass<typeof CustomerDatabase> {
  return implement(CustomerDatabase, customerDatabaseManifest, model, options);
}
