import type { MarkedToken, Token } from 'marked';

import { bold, cyan, dim, harmless, italic, strike, underline } from './ansi.ts';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00A0' };

/** Inline Markdown as a styled text. A line break is a line feed. */
export function renderInline(tokens: readonly Token[]): string {
  return tokens.map((token) => (isKnown(token) ? inline(token) : harmless(token.raw))).join('');
}

/** True for the tokens that marked makes without extensions. */
export function isKnown(token: Token): token is MarkedToken {
  return KNOWN.has(token.type);
}

const KNOWN = new Set(
  'blockquote br code codespan def del em escape heading hr html image link list list_item paragraph space strong table text checkbox'.split(
    ' ',
  ),
);

function inline(token: MarkedToken): string {
  switch (token.type) {
    case 'strong':
      return bold(renderInline(token.tokens));
    case 'em':
      return italic(renderInline(token.tokens));
    case 'del':
      return strike(renderInline(token.tokens));
    case 'codespan':
      return cyan(harmless(token.text));
    case 'br':
      return '\n';
    case 'link':
      return link(renderInline(token.tokens), token.href);
    case 'image':
      return link(harmless(token.text), token.href);
    case 'text':
      if (token.tokens !== undefined && token.tokens.length > 0) return renderInline(token.tokens);
      return plain(token.text);
    case 'escape':
      return harmless(token.text);
    default:
      return plain(token.raw);
  }
}

function link(label: string, href: string): string {
  const url = harmless(href);
  const shown = label === '' ? url : label;
  return shown === url || `mailto:${shown}` === url ? underline(url) : `${underline(shown)} ${dim(`(${url})`)}`;
}

/** A soft line break in the source is a space. */
function plain(text: string): string {
  return harmless(decodeEntities(text)).replaceAll(/ *\n */g, ' ');
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = Number.parseInt(decimal ?? hex ?? '', decimal === undefined ? 16 : 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
