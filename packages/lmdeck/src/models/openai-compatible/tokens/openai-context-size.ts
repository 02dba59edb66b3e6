/** Context windows of OpenAI's models, as its model pages give them. */
const SIZES: ReadonlyMap<string, number> = new Map([
  ['gpt-5', 400_000],
  ['gpt-5-mini', 400_000],
  ['gpt-5-nano', 400_000],
  ['gpt-4.1', 1_047_576],
  ['gpt-4.1-mini', 1_047_576],
  ['gpt-4.1-nano', 1_047_576],
  ['gpt-4o', 128_000],
  ['gpt-4o-mini', 128_000],
  ['chatgpt-4o-latest', 128_000],
  ['o1', 200_000],
  ['o1-mini', 128_000],
  ['o3', 200_000],
  ['o3-mini', 200_000],
  ['o4-mini', 200_000],
  ['gpt-4-turbo', 128_000],
  ['gpt-4', 8192],
  ['gpt-3.5-turbo', 16_385],
  ['gpt-3.5-turbo-instruct', 4096],
  ['davinci-002', 16_384],
  ['babbage-002', 16_384],
]);

/** Tokens of prompt and answer together, for a model of OpenAI's by its name (also dated, fine-tuned, or with `openai/` before it). */
export function openAiContextSize(name: string): number | undefined {
  const [plain = ''] = name
    .replace(/^openai\//, '')
    .replace(/^ft:/, '')
    .split(':');
  return SIZES.get(plain) ?? SIZES.get(plain.replace(/-\d{4}-\d{2}-\d{2}$/, ''));
}
