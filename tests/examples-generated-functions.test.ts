/** The generated functions in examples/: up to date, typed as declared, and carried out. */
import { join } from 'node:path';
import { mock } from 'lmdeck';
import { expect, expectTypeOf, test } from 'vitest';
import type { Customer } from '../examples/generated-functions/customers.llm.ts';
import { ageOf } from '../examples/generated-functions/customers.llm.generated.ts';
import { mockDatabase, search } from '../examples/generated-functions/main.ts';
import { suggestNextStep, type OptimizationStep } from '../examples/generated-functions/research.llm.generated.ts';
import { runProgram } from './support/run-program.ts';

const root = join(import.meta.dirname, '..');

const customers = [
  { key: 'c1', firstName: 'Haruka', lastName: 'Sato', birthdate: '1993-04-02T00:00:00.000Z', address: 'Osaka, Japan', level: 'gold' },
  { key: 'c2', firstName: 'Amina', lastName: 'Diallo', birthdate: '1961-11-30T00:00:00.000Z', address: 'Dakar, Senegal', level: 'new' },
];

test('the modules are what their sources say', async () => {
  const command = [join(root, 'packages/lmdeck/bin/lmdeck.cjs'), 'functions', 'check', 'examples/generated-functions'];
  expect(await runProgram(command, { cwd: root })).toMatchObject({ code: 0, stdout: '' });
});

test('a class with members by people and by a model, and a function', async () => {
  const outputs = [JSON.stringify({ result: customers }), '{"result": ["c2"]}', '{"result": 65}'];
  const found = await search(mock({ outputs }), 'who was born first?');
  expect(found).toEqual([{ customer: { ...customers[1], birthdate: new Date('1961-11-30') }, age: 65 }]);
});

test('types are those of the declarations', () => {
  const model = mock({ outputs: [] });
  expectTypeOf(ageOf(model)).parameters.toEqualTypeOf<[customer: Customer, year: number]>();
  expectTypeOf(ageOf(model)).returns.toEqualTypeOf<Promise<number>>();
  expectTypeOf(ageOf(model).explicit).parameter(0).toEqualTypeOf<{ customer: Customer; year: number }>();
  const Database = mockDatabase(model);
  expectTypeOf(Database.createMockCustomers).toEqualTypeOf<(count: number) => Promise<Customer[]>>();
  expectTypeOf(new Database().findCustomerKeys).toEqualTypeOf<(query: string) => Promise<string[]>>();
});

test('a generic function is typed and checked by what it is given', async () => {
  interface Essay {
    topic: string;
  }
  interface Style {
    words: number;
  }
  const step: OptimizationStep<Essay, Style> = {
    bestHyperparameters: { words: 300 },
    suggestion: 'Longer.',
    taskParametersSuggestions: [{ topic: 'owls' }],
    hyperparameterSuggestions: [{ words: 400 }],
  };
  const wrong = { ...step, hyperparameterSuggestions: [{ words: 'many' }] };
  const model = mock({ outputs: [JSON.stringify(wrong), JSON.stringify(step)] });
  const info = { olderTaskSummary: null, taskInfos: [], bestHyperparameters: { words: 200 } };
  const result = await suggestNextStep(model).run({
    ...info,
    taskInfos: [{ taskParameters: { topic: 'bees' }, hyperparameters: { words: 200 }, reflection }],
  });
  expect(result.value).toEqual(step);
});

const reflection = { feedback: 'Good.', evaluation: 'Short.', hyperparameterSuggestion: 'More words.', hyperparameterMissing: 'Tone.' };

test.each([
  ['functions/customer-database.ts', 'Haruka Sato 1993-04-02 Osaka, Japan\nAmina Diallo 1961-11-30 Dakar, Senegal\nAmina Diallo 65\n'],
  ['generated-functions/main.ts', 'Amina Diallo, 65, Dakar, Senegal\n'],
])('%s runs without a key', async (file, expected) => {
  const { stdout, code } = await runProgram([join(root, 'examples', file)], { env: { OPENAI_API_KEY: '' } });
  expect([code, stdout]).toEqual([0, expected]);
});
