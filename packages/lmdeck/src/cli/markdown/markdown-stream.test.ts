import fc from 'fast-check';
import { lexer } from 'marked';
import { describe, expect, test } from 'vitest';

import { MarkdownStream } from './markdown-stream.ts';
import { renderBlocks } from './render-blocks.ts';
import { VirtualScreen } from '../test-support/virtual-screen.ts';

const BLOCKS = [
  '# Title\n\n',
  'A paragraph with **bold**, *italic* and `code`, long enough to be wrapped on a narrow screen twice.\n\n',
  'Two lines\nof one paragraph.\n\n',
  '```js\nconst a = 1;\nconsole.log(a);\n```\n\n',
  '```\nplain\n\nwith a gap\n```\n',
  '- one\n- two **bold**\n  - nested\n- three\n\n',
  '1. first\n2. second\n\n',
  '> quoted text\n> goes on\n\n',
  '| a | b |\n|---|---:|\n| 1 | 2 |\n| long cell | x |\n\n',
  '---\n\n',
  'See [the docs](https://example.com/docs) & more.\n\n',
  '宽字符 and 👩‍👩‍👧 emoji\n\n',
];

function whole(source: string, columns: number): string[] {
  const screen = new VirtualScreen(columns, 1000);
  screen.write(`${renderBlocks(lexer(source), columns - 1).join('\n')}\n`);
  return screen.text();
}

function streamed(pieces: readonly string[], columns: number, rows: number): string[] {
  const screen = new VirtualScreen(columns, rows);
  const stream = new MarkdownStream(screen, { frameMs: 0 });
  for (const piece of pieces) stream.push(piece);
  stream.end();
  return screen.text();
}

function cut(source: string, at: readonly number[]): string[] {
  const points = [...new Set(at.map((each) => each % (source.length + 1)))].sort((a, b) => a - b);
  return [0, ...points].map((point, index) => source.slice(point, points[index] ?? source.length));
}

describe('MarkdownStream', () => {
  test('shows the same in the end, however the text was split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...BLOCKS), { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(2000), { maxLength: 40 }),
        (blocks, at) => {
          const source = blocks.join('');
          expect(streamed(cut(source, at), 40, 1000)).toEqual(whole(source, 40));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('an answer much longer than the screen loses and doubles nothing', () => {
    const items = Array.from({ length: 60 }, (_, index) => `- item number ${index}\n`).join('');
    expect(streamed(items.match(/[^]{1,7}/g) ?? [], 30, 8)).toEqual(whole(items, 30));
    const paragraph = Array.from({ length: 120 }, (_, index) => `word${index}`).join(' ');
    expect(streamed(paragraph.match(/[^]{1,5}/g) ?? [], 30, 8)).toEqual(whole(paragraph, 30));
  });

  test('complete lines of an open code block are on the screen before it ends', () => {
    const screen = new VirtualScreen(40, 10);
    const stream = new MarkdownStream(screen, { frameMs: 0 });
    stream.push('```py\nprint(1)\nprint(');
    expect(screen.text()).toEqual(['┌ py', '│ print(1)', '│ print(']);
    stream.end();
    expect(screen.text()).toEqual(['┌ py', '│ print(1)', '│ print(']);
  });

  test('what runs is shown before its block is complete', () => {
    const screen = new VirtualScreen(40, 10);
    const stream = new MarkdownStream(screen, { frameMs: 0 });
    stream.push('Half a sent');
    expect(screen.text()).toEqual(['Half a sent']);
    stream.end();
  });

  test('control characters of an answer do not reach the terminal', () => {
    const screen = new VirtualScreen(40, 10);
    const stream = new MarkdownStream(screen, { frameMs: 0 });
    stream.push('a\u001B[2Jb \u001B]0;title\u0007c\n\n```\nx\u001B[31my\n```\n');
    stream.end();
    expect(screen.written).not.toContain('\u001B[2J');
    expect(screen.written).not.toContain('\u001B]0');
    expect(screen.written).not.toContain('\u001B[31m');
  });
});
