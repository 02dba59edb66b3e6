/** An escape; that of a character beyond the first 65,536 has two halves. */
const ESCAPE = /\\(?:ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|u[\da-f]{4}|[^])/gi;

/**
 * Rewrites JSON that comes in pieces as `JSON.stringify` would write what it stands for: no white space between tokens, one way to write
 * each character and number. Models write JSON in their own way; what is streamed must end as what comes whole, which is parsed already.
 *
 * Only the order of keys that are whole numbers, and keys that occur twice, stay as they came. Text that is no JSON passes through.
 */
export class CompactJson {
  /** The beginning of a token, kept until the rest of it has come. */
  #held = '';
  #inString = false;

  /** What is certain of the text so far and was not returned before. */
  push(piece: string): string {
    const text = this.#held + piece;
    this.#held = '';
    let out = '';
    let at = 0;
    while (at < text.length) {
      const end = this.#inString ? stringEnd(text, at) : tokenEnd(text, at);
      if (end === undefined) {
        this.#held = text.slice(at);
        break;
      }
      const token = text.slice(at, end);
      if (token === '"') this.#inString = !this.#inString;
      out += this.#inString && token !== '"' ? characters(token) : plain(token);
      at = end;
    }
    return out;
  }

  /** What is left when no more comes. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return this.#inString ? rest : plain(rest);
  }
}

/** Where the run of characters from `at` ends, or the quote there; `undefined` while the last of them is cut. */
function stringEnd(text: string, at: number): number | undefined {
  if (text[at] === '"') return at + 1;
  let end = at;
  while (end < text.length && text[end] !== '"') {
    if (text[end] !== '\\') end++;
    else {
      const length = escapeLength(text, end);
      if (length === undefined) return end === at ? undefined : end;
      end += length;
    }
  }
  return end;
}

/** How long an escape is, both halves of a character beyond the first 65,536 included; `undefined` while it may not be all there. */
function escapeLength(text: string, at: number): number | undefined {
  if (at + 1 >= text.length) return undefined;
  if (text[at + 1] !== 'u') return 2;
  if (text.length < at + 6) return undefined;
  if (!/^d[89ab]/i.test(text.slice(at + 2, at + 4))) return 6;
  if (text.length < at + 12 && '\\u'.startsWith(text.slice(at + 6, at + 8))) return undefined;
  return /^\\ud[c-f]/i.test(text.slice(at + 6, at + 10)) ? 12 : 6;
}

/** Where a sign, white space, a quote, or a number or word ends; `undefined` while the latter may go on. */
function tokenEnd(text: string, at: number): number | undefined {
  if (/[ \t\n\r{}[\]:,"]/.test(text[at] ?? '')) return at + 1;
  const length = text.slice(at).search(/[ \t\n\r{}[\]:,"]/);
  return length === -1 ? undefined : at + length;
}

/** Escapes one by one: what stands between them may be half of a character whose other half is to come. */
function characters(token: string): string {
  return token.replaceAll(ESCAPE, (escape) => rewritten(`"${escape}"`).slice(1, -1));
}

function plain(token: string): string {
  if (/^[ \t\n\r]*$/.test(token)) return '';
  return /^[-\d]/.test(token) ? rewritten(token) : token;
}

function rewritten(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}
