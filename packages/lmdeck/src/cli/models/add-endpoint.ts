import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import type { Deck, EndpointDefinition, SecretText } from '../../deck/index.ts';
import type { Command } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import { withDeck } from '../with-deck.ts';

const MOST_SHOWN = 10;

export const addCommand: Command = {
  name: 'add',
  summary: 'Add an OpenAI-compatible server: its models are NAME/…',
  arguments: ['<name>', '[url]'],
  options: [
    { flags: '--url <url>', description: 'Up to the version, such as http://127.0.0.1:8000/v1; or as second argument' },
    {
      flags: '--key-name <name>',
      description: 'Name of the stored key to send (see lmdeck keys); default: the same name',
      completes: 'key',
    },
    { flags: '--key-env <variable>', description: 'Environment variable that has the key' },
    { flags: '--key <name>', description: 'The same as --key-name', completes: 'key' },
    {
      flags: '--header <name=value>',
      description: 'A header of every request; the value can be env:VARIABLE or key:NAME',
      repeatable: true,
    },
    { flags: '--preset <name>', description: 'A built-in endpoint whose peculiarities it shares' },
    { flags: '--model <id>', description: 'A model it has', repeatable: true },
    { flags: '--concurrency <n>', description: 'How many requests at once, all its models together' },
    { flags: '--timeout <seconds>', description: 'How long an answer may take to begin' },
    { flags: '--logprobs', description: 'Collect the log-probabilities of every answer on the tape' },
    { flags: '--batch-prompts <n>', description: 'How many raw prompts go into one request' },
    { flags: '--batch-scores <n>', description: 'How many texts are scored in one request' },
    {
      flags: '--tokenizer <name>',
      description: 'remote (its own), tiktoken, an encoding, or a tokenizer.json or its folder',
      completes: 'file',
    },
    { flags: '--context-size <tokens>', description: 'What prompt and answer can have together, if the server does not say' },
    { flags: '--check', description: 'Ask the server for its models first; add it only when it answers' },
  ],
  examples: [
    { command: 'lmdeck models add local http://127.0.0.1:8080/v1', does: 'Then: lmdeck -m local/any-name "…"' },
    { command: 'lmdeck models add work https://llm.example.com/v1 --key-name work --model big --model small' },
    {
      command: 'lmdeck models add train --url http://10.0.0.5:8000/v1 --preset vllm --key-env VLLM_KEY --concurrency 32 --logprobs --check',
      does: 'A vLLM to collect training data from',
    },
    { command: 'lmdeck models add work https://llm.example.com/v1 --tokenizer ./qwen3 --context-size 32768' },
  ],
  run: ({ args: [name = '', argument], options, io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const definition = definitionOf(name, argument, options);
      await deck.endpoints.add(definition);
      const served = options.flag('check') ? await checked(deck, name) : [];
      io.note(
        `Added to ${deck.endpoints.path}.${models(served)} Try it: lmdeck -m ${name}/${definition.models?.[0]?.id ?? served[0] ?? 'NAME'} "Hello"`,
      );
    }),
};

function definitionOf(name: string, argument: string | undefined, options: ParsedOptions): EndpointDefinition {
  const url = options.text('url') ?? argument;
  if (argument !== undefined && options.text('url') !== undefined)
    throw new LmdeckError('usage', 'Two URLs were given: one as argument and one with --url.');
  const preset = options.text('preset');
  const keyName = options.text('keyName') ?? options.text('key');
  const keyEnv = options.text('keyEnv');
  if (keyName !== undefined && keyEnv !== undefined) throw new LmdeckError('usage', 'A server has one key: give --key-name or --key-env.');
  const ids = options.texts('model');
  const headers = options.texts('header').map(headerOf);
  const concurrency = options.integer('concurrency', 1);
  const timeout = options.integer('timeout', 1);
  const tokenizer = options.text('tokenizer');
  const contextSize = options.integer('contextSize', 1);
  const batchPrompts = options.integer('batchPrompts', 1);
  const batchScores = options.integer('batchScores', 1);
  return {
    name,
    ...(preset === undefined ? {} : { preset }),
    ...(url === undefined ? {} : { baseUrl: url }),
    ...(keyName === undefined ? {} : { key: keyName }),
    ...(keyEnv === undefined ? {} : { key: { env: keyEnv } }),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
    ...(ids.length === 0 ? {} : { models: ids.map((id) => ({ id })) }),
    ...(tokenizer === undefined ? {} : { tokenizer: tokenizerOf(tokenizer) }),
    ...(contextSize === undefined ? {} : { contextSize }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(timeout === undefined ? {} : { timeouts: { firstTokenMs: timeout * 1000 } }),
    ...(options.flag('logprobs') ? { logprobs: true } : {}),
    ...(batchPrompts === undefined ? {} : { batchPrompts }),
    ...(batchScores === undefined ? {} : { batchScores }),
  };
}

/** Paths in the file are relative to it, those of the command line to where it is typed. */
function tokenizerOf(text: string): string {
  return text !== 'remote' && existsSync(text) ? resolve(text) : text;
}

function headerOf(text: string): readonly [string, SecretText] {
  const [, name, value] = /^([^=:\s]+)\s*[=:]\s*(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new LmdeckError('usage', `--header takes NAME=VALUE, such as x-team=search or x-token=env:TOKEN, not "${text}".`);
  const [, kind, reference] = /^(env|key):(.+)$/.exec(value) ?? [];
  if (reference === undefined) return [name, value];
  return [name, kind === 'env' ? { env: reference } : { key: reference }];
}

/** The models that the server has. @throws LmdeckError when it does not answer; then it is not added after all. */
async function checked(deck: Deck, name: string): Promise<readonly string[]> {
  try {
    const infos = (await deck.models({ remote: true, endpoint: name })).filter((info) => info.source === name);
    const warning = infos.find((info) => info.warning !== undefined)?.warning;
    if (warning !== undefined) throw new LmdeckError('config', `${name} was not added. ${warning}`);
    return infos.map((info) => info.id.slice(name.length + 1));
  } catch (error) {
    await deck.endpoints.remove(name);
    throw error;
  }
}

function models(served: readonly string[]): string {
  if (served.length === 0) return '';
  const more = served.length > MOST_SHOWN ? ` and ${served.length - MOST_SHOWN} more` : '';
  return ` It has ${served.slice(0, MOST_SHOWN).join(', ')}${more}.`;
}
