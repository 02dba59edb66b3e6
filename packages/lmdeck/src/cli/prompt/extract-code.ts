const FENCED = /^(`{3,})[^`\n]*\n([\s\S]*?)^\1(?=\s*?$)/gm;

/**
 * The first (or last) fenced code block of a Markdown text, without its fences; `undefined` when there is none. The
 * closing fence has as many backticks as the opening one, and nothing after it, as simonw/llm reads it.
 */
export function extractCode(text: string, which: 'first' | 'last' = 'first'): string | undefined {
  const blocks = Array.from(text.replaceAll('\r\n', '\n').matchAll(FENCED), (match) => match[2]);
  return which === 'first' ? blocks[0] : blocks.at(-1);
}
