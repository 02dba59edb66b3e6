/**
 * A customer database that is searched in plain language, as types: `lmdeck functions generate` makes customers.llm.generated.ts of it, with the
 * prompts and schemas that carry it out. Nothing here is written twice.
 */

/** A customer. */
export interface Customer {
  /** @pattern ^c\d+$ */
  readonly key: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly birthdate: Date;
  /** Street, city and country. */
  readonly address: string;
  readonly level: 'new' | 'regular' | 'gold';
}

/**
 * How old a customer is.
 *
 * @param customer - Who.
 * @param year - At the end of which year.
 * @returns Age in whole years. {@integer} {@minimum 0}
 * @example
 * ageOf({ key: 'c1', firstName: 'Ada', lastName: 'Byron', birthdate: new Date('1990-12-10'), address: 'London', level: 'new' }, 2022) // => 32
 */
export declare function ageOf(customer: Customer, year: number): Promise<number>;

/** A database of customers, in memory. Where they come from and go to, a person decides. */
export abstract class CustomerDatabase {
  /**
   * Makes up customers with believable data. They come from all over the world.
   *
   * @param count - How many {@integer} {@minimum 1}
   */
  declare static createMockCustomers: (count: number) => Promise<Customer[]>;

  customers: Customer[] = [];

  /**
   * Finds the keys of the customers that fit a query in natural language best, the best first. Queries may be about anything that is known of a customer,
   * like "the customer that was born in 1990".
   *
   * @param query - What to look for {@minLength 1}
   * @returns Their keys {@maxItems 3}
   */
  abstract findCustomerKeys(query: string): Promise<string[]>;

  abstract load(): Promise<void>;
  abstract store(): Promise<void>;
}
