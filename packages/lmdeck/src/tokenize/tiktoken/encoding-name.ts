/** The encodings of OpenAI's models. */
export const encodingNames = ['o200k_base', 'o200k_harmony', 'cl100k_base', 'p50k_base', 'p50k_edit', 'r50k_base', 'gpt2'] as const;

/** One of OpenAI's encodings. */
export type EncodingName = (typeof encodingNames)[number];

/** Encodings of models by their name or the beginning of it, up to a `-` or `:`; the first that fits (openai/tiktoken, tiktoken/model.py). */
const models: readonly (readonly [beginning: string, encoding: EncodingName])[] = [
  ['gpt-oss', 'o200k_harmony'],
  ['gpt-5', 'o200k_base'],
  ['gpt-5.', 'o200k_base'],
  ['gpt-4.5', 'o200k_base'],
  ['gpt-4.1', 'o200k_base'],
  ['gpt-4o', 'o200k_base'],
  ['chatgpt-4o', 'o200k_base'],
  ['o1', 'o200k_base'],
  ['o3', 'o200k_base'],
  ['o4-mini', 'o200k_base'],
  ['gpt-4', 'cl100k_base'],
  ['gpt-3.5', 'cl100k_base'],
  ['gpt-35-turbo', 'cl100k_base'],
  ['davinci-002', 'cl100k_base'],
  ['babbage-002', 'cl100k_base'],
  ['text-embedding-ada-002', 'cl100k_base'],
  ['text-embedding-3', 'cl100k_base'],
  ['text-davinci-edit', 'p50k_edit'],
  ['code-davinci-edit', 'p50k_edit'],
  ['text-davinci-002', 'p50k_base'],
  ['text-davinci-003', 'p50k_base'],
  ['code-davinci', 'p50k_base'],
  ['code-cushman', 'p50k_base'],
  ['davinci-codex', 'p50k_base'],
  ['cushman-codex', 'p50k_base'],
  ['text-davinci', 'r50k_base'],
  ['davinci', 'r50k_base'],
  ['curie', 'r50k_base'],
  ['babbage', 'r50k_base'],
  ['ada', 'r50k_base'],
  ['gpt2', 'gpt2'],
  ['gpt-2', 'gpt2'],
];

/** True when the name is that of an encoding or of a model whose encoding is known. */
export function hasEncoding(name: string): boolean {
  return encodingName(name) !== undefined;
}

/** The encoding of this name, or of the model of this name (`gpt-5-mini`, also `openai/gpt-5-mini` and fine-tuned `ft:gpt-4o:…`). */
export function encodingName(name: string): EncodingName | undefined {
  const exact = encodingNames.find((each) => each === name);
  if (exact !== undefined) return exact;
  const model = name.replace(/^openai\//, '').replace(/^ft:/, '');
  return models.find(([beginning]) => {
    if (!model.startsWith(beginning)) return false;
    return model === beginning || beginning.endsWith('.') || /[-:]/.test(model.charAt(beginning.length));
  })?.[1];
}
