import { describe, expect, test } from 'vitest';
import { LmdeckError } from './error.ts';
import { languageModel } from './language-model.ts';
import { assistant, messageText, raw, system, user, type Message } from './message.ts';
import type { ModelRequest } from './model-request.ts';
import type { Capabilities } from './model.ts';
import type { PromptInput, PromptOptions } from './prompt-options.ts';

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } } as const;
const INSTRUCTION = `Answer with nothing but JSON that follows this JSON Schema:\n${JSON.stringify(SCHEMA)}`;
const TOOL = { name: 'now', parameters: {} };
const IMAGE = { type: 'attachment', mediaType: 'image/png', data: 'AAAA' } as const;

/** What a model is given in the end, or why it is not asked. */
async function asked(
  capabilities: Capabilities,
  input: PromptInput,
  options: PromptOptions = {},
  endpoint?: string,
): Promise<ModelRequest | string> {
  let given: ModelRequest | undefined;
  const model = languageModel({
    id: 'own',
    capabilities,
    ...(endpoint === undefined ? {} : { endpoint }),
    async *generate(request) {
      given = request;
      yield { type: 'text-delta', text: '{}' };
    },
  });
  try {
    await model.prompt(input, options).text();
  } catch (error) {
    if (!LmdeckError.isInstance(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return given ?? 'nothing';
}

describe('what a model would pass over without a word is refused', () => {
  test.each<[string, Capabilities, PromptOptions, string]>([
    ['tools', {}, { tools: [TOOL] }, 'capability: own takes no tools.'],
    ['samples', {}, { samples: 3 }, 'capability: own draws one sample per call: ask 3 times, with { sample: 0 } to { sample: 2 }.'],
    ['attachments', {}, { attachments: [IMAGE] }, 'capability: own takes no attachments (image/png).'],
  ])('%s', async (_what, capabilities, options, refusal) => {
    expect(await asked(capabilities, 'Hi', options)).toBe(refusal);
  });

  test('and taken by a model that says it can', async () => {
    const options = { tools: [TOOL], samples: 3, attachments: [IMAGE] };
    expect(await asked({ tools: true, samples: true, attachments: ['image/*'] }, 'Hi', options)).toMatchObject({
      tools: [TOOL],
      samples: 3,
    });
  });

  test('a server that nothing is known of says itself whether it takes attachments', async () => {
    expect(await asked({}, 'Hi', { attachments: [IMAGE] }, 'http://127.0.0.1:1/v1')).toMatchObject({ messages: [user('Hi', [IMAGE])] });
  });

  test('tool calls of earlier turns are history, and no tools', async () => {
    const history: Message[] = [
      user('What time is it?'),
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'now', arguments: '{}' }] },
      { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'a', output: 'noon' }] },
      assistant('Noon.'),
    ];
    expect(await asked({}, 'Thanks', { messages: history })).toMatchObject({ messages: [...history, user('Thanks')] });
  });
});

describe('a schema that a model cannot enforce', () => {
  test('is asked for in words', async () => {
    const request = await asked({}, 'Where?', { schema: SCHEMA });
    expect(request).toEqual({ messages: [system(INSTRUCTION), user('Where?')], options: {} });
  });

  test('goes behind a system prompt', async () => {
    const request = await asked({}, 'Where?', { schema: SCHEMA, system: 'Be brief.' });
    expect(request).toMatchObject({ messages: [system(`Be brief.\n\n${INSTRUCTION}`), user('Where?')] });
  });

  test('leaves a system prompt alone that is more than text', async () => {
    const lead: Message = { role: 'system', parts: [{ type: 'text', text: 'Be brief.', providerMetadata: { openai: { cache: true } } }] };
    const request = await asked({}, [lead, user('Where?')], { schema: SCHEMA });
    expect(typeof request === 'string' ? request : request.messages.map(messageText)).toEqual([INSTRUCTION, 'Be brief.', 'Where?']);
  });

  test('is handed on to a model that can, and with a raw prompt', async () => {
    expect(await asked({ schema: true }, 'Where?', { schema: SCHEMA })).toMatchObject({ messages: [user('Where?')], schema: SCHEMA });
    expect(await asked({ raw: true }, raw('Where?'), { schema: SCHEMA })).toMatchObject({ messages: [raw('Where?')], schema: SCHEMA });
  });
});
