/** Text that is HTML already: what {@link markup} made, or what is known to be. */
export interface Html {
  readonly html: string;
}

type Inserted = string | number | Html | undefined | readonly Inserted[];

/** A template whose inserted texts are escaped; what was made by a template itself is inserted as it is. */
export function markup(parts: TemplateStringsArray, ...values: readonly Inserted[]): Html {
  return { html: parts.map((part, i) => part + (i < values.length ? inserted(values[i]) : '')).join('') };
}

function inserted(value: Inserted): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escaped(value);
  return isList(value) ? value.map(inserted).join('') : value.html;
}

function isList(value: Html | readonly Inserted[]): value is readonly Inserted[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
