import { isJsonObject, toolResult, type JsonObject, type JsonValue, type LanguageModel, type ToolDefinition } from 'lmdeck/core';
import type { LoadedModel } from '../../src/loaded-model.ts';
import type { ChatItem } from './items.ts';
import { Tallies, rounded, type Tally } from './tally.ts';

const CITIES = ['Paris', 'Rome', 'Oslo', 'Vienna', 'Lima', 'Boston', 'Tokyo', 'Madrid', 'Sydney', 'Cairo'];
const OTHER_CITIES = ['Rome', 'Oslo', 'Vienna', 'Lima', 'Tokyo', 'Madrid', 'Cairo', 'Paris', 'Berlin', 'Dublin'];

const tool = (name: string, description: string, parameters: Readonly<Record<string, string>>): ToolDefinition => ({
  name,
  description,
  parameters: { type: 'object', properties: Object.fromEntries(Object.entries(parameters).map(([key, type]) => [key, { type }])) },
});
const TOOLS = [
  tool('get_weather', 'Get the weather in a city', { city: 'string' }),
  tool('add', 'Add two numbers', { a: 'number', b: 'number' }),
  tool('get_time', 'Get the time in a city', { city: 'string' }),
];

/** Extraction held to a JSON schema. */
export async function evaluateSchemas(model: LanguageModel, chat: readonly ChatItem[]): Promise<Record<string, Tally>> {
  const types: Record<string, JsonObject> = {
    name: { type: 'string', maxLength: 30 },
    age: { type: 'integer' },
    city: { type: 'string', maxLength: 30 },
  };
  const tallies = new Tallies();
  for (const { messages, expected } of chat.filter((item) => item.family === 'jsonx').slice(0, 50)) {
    const value: JsonValue = JSON.parse(expected);
    const required = isJsonObject(value) ? Object.keys(value) : [];
    const schema = { type: 'object', properties: Object.fromEntries(required.map((key) => [key, types[key]])), required };
    const text = await model.prompt(messages, { schema, options: { maxTokens: 80 } }).text();
    tallies.add('valid', isValid(text, required));
    tallies.add('correct', text === expected);
  }
  return tallies.toJSON();
}

/** Three tools on offer: the right call, then the result in words; and a second call in the same conversation. */
export async function evaluateTools(model: LanguageModel): Promise<Record<string, Tally>> {
  const tallies = new Tallies();
  const round = async (question: string, call: string, result: JsonObject, answer: string): Promise<void> => {
    const asked = model.prompt(question, { tools: TOOLS, options: { maxTokens: 80 } });
    const [made] = await asked.toolCalls();
    tallies.add('calls', made !== undefined && `${made.name} ${made.argumentsText}` === call);
    tallies.add('answers', made !== undefined && (await asked.reply(toolResult(made.id, JSON.stringify(result))).text()) === answer);
  };
  for (const [i, city] of CITIES.entries()) {
    await round(
      `What is the weather in ${city}?`,
      `get_weather {"city": "${city}"}`,
      { temperature: 10 + i, sky: 'sunny' },
      `It is ${10 + i} degrees and sunny in ${city}.`,
    );
    await round(`What time is it in ${city}?`, `get_time {"city": "${city}"}`, { time: `1${i}:35` }, `It is 1${i}:35 in ${city}.`);
    const [a, b] = [37 * i + 14, 153 + 61 * i];
    await round(`What is ${a} + ${b}?`, `add {"a": ${a}, "b": ${b}}`, { result: a + b }, `The result is ${a + b}.`);
  }
  for (const [i, first] of OTHER_CITIES.entries()) {
    const conversation = model.conversation({
      system: 'You are a helpful assistant.',
      tools: TOOLS.slice(0, 1),
      options: { maxTokens: 60 },
    });
    const second = OTHER_CITIES[(i + 1) % OTHER_CITIES.length] ?? '';
    let right = true;
    for (const [city, question] of [
      [first, `What is the weather in ${first}?`],
      [second, `How is the weather in ${second}?`],
    ] as const) {
      const [call] = await conversation.prompt(question).toolCalls();
      right &&= call?.arguments?.['city'] === city;
      if (call === undefined) break;
      const told = await conversation.prompt(toolResult(call.id, '{"temperature": 20, "sky": "sunny"}')).text();
      right &&= told === `It is 20 degrees and sunny in ${city}.`;
    }
    tallies.add('two calls in one conversation', right);
  }
  return tallies.toJSON();
}

/** One conversation that grows: right answers by its length in tokens. */
export async function evaluateLongConversations(model: LanguageModel): Promise<Record<string, Tally>> {
  const questions = [
    ['What is the capital of France?', 'Paris'],
    ['What is the opposite of hot?', 'cold'],
    ['What is 7 + 8?', '15'],
    ['Translate dog to German.', 'Hund'],
    ['What colour is grass?', 'green'],
    ['What month comes after May?', 'June'],
    ['Is Rome the capital of Italy?', 'Yes.'],
    ['What is the capital of Japan?', 'Tokyo'],
    ['What is 12 - 5?', '7'],
    ['What category is a tiger?', 'animal'],
    ['Name two fruits.', 'apple, banana'],
    ['What is my name?', 'Your name is Anna.'],
  ] as const;
  const tallies = new Tallies();
  for (let start = 0; start < 6; start++) {
    const conversation = model.conversation({ options: { maxTokens: 40 } });
    await conversation.prompt('My name is Anna.').text();
    for (let i = start * 5, length = 0; length < 720; i++) {
      const [question, answer] = questions[i % questions.length] ?? questions[0];
      const response = conversation.prompt(question);
      const right = (await response.text()) === answer;
      length = (await response.usage()).inputTokens ?? 0;
      const from = Math.floor(length / 150) * 150;
      tallies.add(`${from}-${from + 149} tokens`, right);
    }
  }
  return tallies.toJSON();
}

/** Every sum and difference from 0 to 20, seen in training or not. */
export async function evaluateArithmetic(model: LanguageModel): Promise<Record<string, Tally>> {
  const tallies = new Tallies();
  const ask = async (name: string, question: string, answer: number): Promise<void> =>
    tallies.add(name, (await model.prompt(question, { options: { maxTokens: 8 } }).text()) === String(answer));
  for (let a = 0; a <= 20; a++) {
    await Promise.all(
      Array.from({ length: 21 }, async (_, b) => {
        await ask('sums', `What is ${a} + ${b}?`, a + b);
        if (b <= a) await ask('differences', `What is ${a} - ${b}?`, a - b);
      }),
    );
  }
  return tallies.toJSON();
}

/** Does the embedding of a question find its statement among all? */
export async function evaluateEmbeddings({ model }: LoadedModel): Promise<JsonObject> {
  const pairs = [
    ['What is the capital of France?', 'Paris is the capital of France.'],
    ['Tell me the capital of Japan.', 'The capital of Japan is Tokyo.'],
    ['What is the opposite of hot?', 'The opposite of hot is cold.'],
    ['Say the opposite of big.', 'The opposite of big is small.'],
    ['What colour is grass?', 'Grass is green.'],
    ['Tell me the colour of a banana.', 'A banana is yellow.'],
    ['How do you say dog in German?', 'The German word for dog is Hund.'],
    ['Translate house to French.', 'The French word for house is maison.'],
    ['Where does Anna live?', 'Anna lives in Oslo.'],
    ['How old is Peter?', 'Peter is 34 years old.'],
    ['What is the weather in Rome?', 'It is 21 degrees and sunny in Rome.'],
    ['I hate this film.', 'The film was terrible.'],
    ['I love this hotel.', 'What a lovely hotel!'],
  ] as const;
  await using context = await model.createEmbeddingContext({ contextSize: 256, threads: 1 });
  const statements = [];
  for (const [, statement] of pairs) statements.push(await context.getEmbeddingFor(statement));
  const same: number[] = [];
  const other: number[] = [];
  let found = 0;
  for (const [i, [question]] of pairs.entries()) {
    const embedding = await context.getEmbeddingFor(question);
    const cosines = statements.map((statement) => embedding.calculateCosineSimilarity(statement));
    const own = cosines[i] ?? 0;
    if (own >= Math.max(...cosines)) found++;
    same.push(own);
    other.push(...cosines.filter((_, j) => j !== i));
  }
  return {
    questions: pairs.length,
    dimensions: model.embeddingVectorSize,
    firstHit: rounded(found / pairs.length),
    meanCosineSame: mean(same),
    meanCosineOther: mean(other),
  };
}

function mean(values: readonly number[]): number {
  return rounded(values.reduce((total, value) => total + value, 0) / values.length);
}

function isValid(text: string, required: readonly string[]): boolean {
  try {
    const value: JsonValue = JSON.parse(text);
    return (
      isJsonObject(value) && Object.keys(value).join() === required.join() && (value['age'] === undefined || Number.isInteger(value['age']))
    );
  } catch {
    return false;
  }
}
