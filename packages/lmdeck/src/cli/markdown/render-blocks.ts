import type { MarkedToken, Token, Tokens } from 'marked';

import { bold, cyan, dim, harmless, underline } from './ansi.ts';
import { isKnown, renderInline } from './render-inline.ts';
import { renderTable } from './render-table.ts';
import { wrapStyled } from './wrap-styled.ts';

/** Left border of a code block's lines. */
const CODE_BORDER = dim('│ ');

/** Blocks as terminal lines of at most `width` columns (code lines may be longer), an empty line between two blocks. */
export function renderBlocks(tokens: readonly Token[], width: number): string[] {
  const lines: string[] = [];
  for (const token of tokens) {
    if (token.type === 'space' || token.type === 'def') continue;
    const block = isKnown(token) ? renderBlock(token, width) : wrapStyled(harmless(token.raw), width);
    if (lines.length > 0) lines.push('');
    lines.push(...block);
  }
  return lines;
}

/** One block as terminal lines. */
function renderBlock(token: MarkedToken, width: number): string[] {
  switch (token.type) {
    case 'heading':
      return heading(token, width);
    case 'paragraph':
      return wrapStyled(renderInline(token.tokens), width);
    case 'code':
      return codeLines(token.text, token.lang);
    case 'list':
      return list(token, width);
    case 'blockquote':
      return renderBlocks(token.tokens, width - 2).map((line) => `${dim('▌')} ${line}`);
    case 'table':
      return renderTable(token, width);
    case 'hr':
      return [dim('─'.repeat(Math.min(width, 40)))];
    case 'space':
    case 'def':
      return [];
    case 'html':
      return wrapStyled(harmless(token.raw.trimEnd()), width);
    default:
      return wrapStyled(renderInline([token]), width);
  }
}

/** Code behind its border, nothing reflowed. */
function codeLines(text: string, language?: string): string[] {
  return [...codeHead(language), ...text.split('\n').map(codeLine)];
}

/** The line above a code block that names its language. */
export function codeHead(language: string | undefined): string[] {
  return language === undefined || language === '' ? [] : [dim(`┌ ${harmless(language)}`)];
}

/** One line of code. */
export function codeLine(line: string): string {
  return `${CODE_BORDER}${cyan(harmless(line.replaceAll('\t', '    ')))}`;
}

function heading(token: Tokens.Heading, width: number): string[] {
  const text = renderInline(token.tokens);
  return wrapStyled(token.depth === 1 ? bold(underline(text)) : bold(`${dim('#'.repeat(token.depth))} ${text}`), width);
}

function list(token: Tokens.List, width: number): string[] {
  const start = typeof token.start === 'number' ? token.start : 1;
  const lines: string[] = [];
  for (const [index, item] of token.items.entries()) {
    const marker = `${checkbox(item) ?? (token.ordered ? `${start + index}.` : '•')} `;
    const indent = ' '.repeat(marker.length);
    const body = itemLines(item, width - marker.length);
    if (token.loose && lines.length > 0) lines.push('');
    lines.push(
      ...(body.length === 0 ? [''] : body).map((line, at) => (at === 0 ? `${cyan(marker)}${line}` : line === '' ? '' : `${indent}${line}`)),
    );
  }
  return lines;
}

function checkbox(item: Tokens.ListItem): string | undefined {
  if (!item.task) return undefined;
  return item.checked === true ? '[x]' : '[ ]';
}

/** The blocks of an item; no empty lines between them unless the list is a loose one. */
function itemLines(item: Tokens.ListItem, width: number): string[] {
  const lines: string[] = [];
  for (const token of item.tokens) {
    if (token.type === 'space' || token.type === 'checkbox' || !isKnown(token)) continue;
    if (item.loose && lines.length > 0) lines.push('');
    lines.push(...renderBlock(token, width));
  }
  return lines;
}
