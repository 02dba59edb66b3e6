/** How long prompts are, beside those of llm-strategy (2.2) for the same functions. */
import { expect, test } from 'vitest';
import { messageText, type JsonObject, type JsonSchema } from '../core/index.ts';
import { mock } from '../models/index.ts';
import { pythonJson } from '../python/index.ts';
import { defineFunction } from './define-function.ts';
import type { FunctionDefinition } from './function-definition.ts';

/**
 * What llm-strategy's template has around docstring, schemas and inputs, in characters: the explanation of JSON Schema with its example, headings, code fences;
 * and the heading of the schemas of further types, when there are any. Counted in a prompt of its tests; its schemas are written as `json.dumps` does it.
 */
const FRAME = 542;
const DEFINITIONS_FRAME = 56;

function lengthInLlmStrategy({ description = '', parameters, output, definitions }: FunctionDefinition, input: JsonObject): number {
  const properties = parameters.map(({ name, schema, ...about }) => [
    name,
    about.description === undefined ? schema : { ...schema, description: about.description },
  ]);
  const required = parameters.filter(({ optional }) => optional !== true).map(({ name }) => name);
  const schemas = [
    { properties: Object.fromEntries(properties), required },
    { properties: { return_value: output }, required: ['return_value'] },
  ];
  const further = definitions === undefined ? 0 : DEFINITIONS_FRAME + python(definitions).length;
  return FRAME + description.length + further + schemas.map(python).join('').length + JSON.stringify(input).length;
}

/** Objects without their type, references as bare names: as llm-strategy trims pydantic's schemas. */
function python(schema: JsonSchema): string {
  const text = JSON.stringify(schema).replaceAll('{"type":"object",', '{').replaceAll('#/$defs/', '');
  return pythonJson(JSON.parse(text));
}

async function length(definition: FunctionDefinition, input: JsonObject): Promise<number> {
  const bound = defineFunction<(...args: readonly unknown[]) => unknown>(definition)(mock({ capabilities: {} }));
  const { request } = await bound.explain(...definition.parameters.map(({ name }) => input[name]));
  return request.messages.map(messageText).join('').length;
}

const text = { type: 'string' };
const customer = {
  type: 'object',
  properties: { first_name: text, last_name: text, birthday: text, city: text },
  required: ['first_name', 'last_name', 'birthday', 'city'],
};
const database = {
  type: 'object',
  properties: { customers: { type: 'array', items: { $ref: '#/$defs/Customer' } } },
  required: ['customers'],
};
const customers = [
  { first_name: 'John', last_name: 'Smith', birthday: '1980-01-01', city: 'London' },
  { first_name: 'Jane', last_name: 'Doe', birthday: '1990-05-12', city: 'Lagos' },
];
const hinted = (least: number, most: number): JsonObject => ({ hint_min_items: least, hint_max_items: most });

const cases: readonly (readonly [FunctionDefinition, JsonObject])[] = [
  [
    {
      name: 'add',
      description: 'Add two numbers.',
      parameters: ['a', 'b'].map((name) => ({ name, schema: { type: 'integer' } })),
      output: { type: 'integer' },
    },
    { a: 1, b: 2 },
  ],
  [
    {
      name: 'createMockCustomers',
      description: 'Create mock customers with believable data (our customers are world citizens).',
      parameters: [{ name: 'num_customers', schema: { type: 'integer' } }],
      output: { type: 'array', items: { $ref: '#/$defs/Customer' } },
      definitions: { Customer: customer },
    },
    { num_customers: 10 },
  ],
  [
    {
      name: 'findCustomerIndex',
      description: 'Find the index of the customer that matches a natural language query best.',
      parameters: [
        { name: 'customer_database', schema: { $ref: '#/$defs/CustomerDatabase' } },
        { name: 'query', schema: text, description: 'Natural language query' },
      ],
      output: { type: 'integer' },
      definitions: { Customer: customer, CustomerDatabase: database },
    },
    { customer_database: { customers }, query: 'the customer that was born in 1990' },
  ],
  [
    {
      name: 'suggestNextStep',
      description: 'Suggest the next optimization steps.',
      parameters: [{ name: 'summary', schema: text, description: 'A summary of previous experiments' }],
      output: { $ref: '#/$defs/OptimizationStep' },
      definitions: {
        OptimizationStep: {
          type: 'object',
          properties: {
            suggestion: { ...text, description: 'The suggestions for the next experiments. What could we try to change? Step by step.' },
            topics: { type: 'array', items: text, description: 'The topics we want to try next.', ...hinted(1, 4) },
            styles: { type: 'array', items: text, description: 'The styles we want to try next.', ...hinted(1, 2) },
          },
          required: ['suggestion', 'topics', 'styles'],
        },
      },
    },
    { summary: 'Short essays were dull.' },
  ],
];

test('prompts are shorter than llm-strategy writes them, whatever the function', async () => {
  const table = await Promise.all(
    cases.map(
      async ([definition, input]) => [definition.name, await length(definition, input), lengthInLlmStrategy(definition, input)] as const,
    ),
  );
  expect(table).toEqual([
    ['add', 109, 746],
    ['createMockCustomers', 268, 1111],
    ['findCustomerIndex', 588, 1525],
    ['suggestNextStep', 477, 1410],
  ]);
  for (const [, own, other] of table) expect(own).toBeLessThan(other * 0.5);
});
