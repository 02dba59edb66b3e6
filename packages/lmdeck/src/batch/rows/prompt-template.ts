import { LmdeckError, type JsonObject } from '../../core/index.ts';
import { TaskJinja } from '../../templates/index.ts';

/** A text with `{{ columns }}` in it. */
export interface PromptTemplate {
  readonly source: string;
  /** @throws Error for a column that a row does not have. */
  render(columns: JsonObject): string;
}

/** Jinja needs its own objects for every value; a text between texts does not. */
const SIMPLE = /^(?:[^{]|\{(?![{%#]))*(?:\{\{\s*[A-Za-z_]\w*\s*\}\}(?:[^{]|\{(?![{%#]))*)*$/;
const NAMES = new Set(['true', 'false', 'none', 'True', 'False', 'None', 'namespace', 'range']);

/** Compiles a template in Jinja's language. A column that is not there is an error, not an empty text. @throws LmdeckError `usage` for text that is none. */
export async function promptTemplate(source: string): Promise<PromptTemplate> {
  const jinja = await TaskJinja.load();
  const pieces = SIMPLE.test(source) ? source.split(/\{\{\s*([A-Za-z_]\w*)\s*\}\}/) : undefined;
  let template;
  try {
    template = jinja.template(source);
  } catch (error) {
    throw new LmdeckError('usage', `The template cannot be read: ${LmdeckError.from(error).message}`, { cause: error });
  }
  return {
    source,
    render: (columns) => (pieces === undefined ? undefined : joined(pieces, columns)) ?? template.render(columns),
  };
}

/** The text when every column in it is a text. */
function joined(pieces: readonly string[], columns: JsonObject): string | undefined {
  let text = '';
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i] ?? '';
    if (i % 2 === 0) {
      text += piece;
      continue;
    }
    const value = Object.hasOwn(columns, piece) && !NAMES.has(piece) ? columns[piece] : undefined;
    if (typeof value !== 'string') return undefined;
    text += value;
  }
  return text;
}
