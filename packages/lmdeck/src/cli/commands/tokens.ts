import type { Command } from '../args/command.ts';

export const tokensCommand: Command = {
  name: 'tokens',
  summary: 'Count the tokens of a text, show or decode them',
  description: `Prints how many tokens a text has: TEXT, or what stdin has. Several words are joined by spaces.

The tokenizer is that of the model (-m, else the default model): the model's own, tiktoken's for models of OpenAI, what
"tokenizer" says in endpoints.yaml, or that of the server for vLLM and llama-server. --tokenizer names another one: a tiktoken encoding (o200k_base,
cl100k_base, …), a tokenizer.json or the folder that has it, or the URL of a server. tiktoken needs the package
gpt-tokenizer (npm install gpt-tokenizer).`,
  arguments: ['[text...]'],
  options: [
    { flags: '-m, --model <id>', description: 'The tokenizer of this model (env: LMDECK_MODEL)', completes: 'model' },
    { flags: '-t, --tokenizer <name>', description: 'Encoding, model of OpenAI, tokenizer.json, folder or URL', completes: 'file' },
    { flags: '--ids', description: 'Print the ids' },
    { flags: '-p, --pieces', description: 'Show each token: coloured on a terminal, else one a line with its id' },
    { flags: '--json', description: 'Print tokenizer, count, ids, pieces and text as JSON' },
    { flags: '--decode <ids>', description: 'Print the text of token ids instead' },
    { flags: '--special', description: 'Special tokens written out in the text are tokens (else they are text)' },
    { flags: '--chat', description: 'Count TEXT as a user message, or as a JSON list of messages, by the chat template' },
  ],
  examples: [
    { command: 'lmdeck tokens "Hello world"' },
    { command: 'cat book.txt | lmdeck tokens -m openai/gpt-5-mini' },
    { command: 'lmdeck tokens -t cl100k_base --pieces "tokenization"', does: 'What the tokens are' },
    { command: 'lmdeck tokens -t o200k_base --decode "13225 2375"' },
    { command: 'lmdeck tokens --chat -m tiny "What is 2 + 2?"', does: 'With all that the chat template puts around it' },
    { command: 'lmdeck tokens -t ./models/qwen3 --ids < prompt.txt' },
  ],
  run: async (call) => (await import('../tokens/run-tokens.ts')).runTokens(call),
};
