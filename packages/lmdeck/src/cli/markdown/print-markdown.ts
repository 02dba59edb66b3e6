import type { CliIo } from '../io/cli-io.ts';
import { markdownWanted } from './markdown-wanted.ts';

/** Prints a whole Markdown text: rendered on a terminal, as it is otherwise. */
export async function printMarkdown(io: CliIo, text: string): Promise<void> {
  if (!markdownWanted(io)) return io.print(text);
  const [{ lexer }, { renderBlocks }] = await Promise.all([import('marked'), import('./render-blocks.ts')]);
  await io.print(`${renderBlocks(lexer(text), (io.columns ?? 80) - 1).join('\n')}\n`);
}
