/** The functions in examples/ with replayed answers. (The answers in the recordings were written for this, in the form that models give them.) */
import { openai } from 'lmdeck';
import { recorded } from 'lmdeck/testing';
import { expect, expectTypeOf, test } from 'vitest';
import { Customer, customerDatabase } from '../examples/functions/customer-database.ts';
import {
  improvementProbability,
  reflectOnTaskRun,
  suggestNextStep,
  summarizeOptimizationInfo,
  type OptimizationStep,
} from '../examples/functions/research.ts';

const model = openai({ model: 'gpt-5.6-luna' });

test(
  'a customer database makes up its data and is searched in plain language',
  recorded(async () => {
    const Database = customerDatabase(model);
    const customers = await Database.createMockCustomers(3);
    expectTypeOf(customers).toEqualTypeOf<Customer[]>();
    expect(customers).toHaveLength(3);
    for (const customer of customers) expect(customer).toBeInstanceOf(Customer);
    const queries = await Database.createMockQueries(customers, 2);
    expectTypeOf(queries).toEqualTypeOf<string[]>();
    const database = new Database(customers);
    for (const query of queries) {
      const index = await database.findCustomerIndex(query);
      expectTypeOf(index).toEqualTypeOf<number>();
      expect(index).toBeGreaterThanOrEqual(0);
      expect(index).toBeLessThan(customers.length);
    }
    const found = await database.find('the one who lives in Japan');
    expectTypeOf(found).toEqualTypeOf<Customer | undefined>();
    expect(found?.fullName).toBe('Haruka Sato');
    expect(await found?.age).toBe(29);
  }),
);

interface Essay {
  topic: string;
}
interface Style {
  style: string;
  words: number;
}

test(
  'the research prompts give back the types that they are given',
  recorded(async () => {
    const hyperparameters: Style = { style: 'plain', words: 200 };
    const reflection = await reflectOnTaskRun(model)<Essay, string, Style>({
      taskParameters: { topic: 'owls' },
      hyperparameters,
      returnValue: 'Owls are birds.',
      exception: null,
    });
    expect(reflection.hyperparameterSuggestion).toContain('words');
    const info = {
      olderTaskSummary: null,
      taskInfos: [{ taskParameters: { topic: 'owls' }, hyperparameters, reflection }],
      bestHyperparameters: hyperparameters,
    };
    const step = await suggestNextStep(model)(info);
    expectTypeOf(step).toEqualTypeOf<OptimizationStep<Essay, Style>>();
    // The first answer had `words` as a text: it went back.
    expect(step.hyperparameterSuggestions).toEqual([{ style: 'vivid', words: 400 }]);
    expect(step.taskParametersSuggestions).toEqual([{ topic: 'owls at night' }, { topic: 'how owls hear' }]);
    const { probability } = await improvementProbability(model)(info);
    expectTypeOf(probability).toEqualTypeOf<number>();
    expect(probability).toBe(0.7);
    expectTypeOf(await summarizeOptimizationInfo(model)(info)).toEqualTypeOf<string>();
  }),
);
