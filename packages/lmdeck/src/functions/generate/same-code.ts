/** True when two texts are the same code: a formatter may have gone over one of them. */
export function sameCode(a: string, b: string): boolean {
  return a === b || tokens(a).join('\n') === tokens(b).join('\n');
}

const token = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\/\*[^]*?\*\/|\/\/[^\n]*|[\w$]+|\s+|[^]/g;

/** A text without what formatters change: white space, line ends, commas and semicolons before what closes, kinds of quotes, quotes around keys. */
function tokens(text: string): readonly string[] {
  const all = Array.from(text.replace(/^\u{FEFF}/u, '').matchAll(token), ([each]) => each)
    .filter((each) => !/^\s/.test(each))
    .map(plain);
  return all
    .filter((each, at) => each !== ';' && !(each === ',' && /^[\])}>]$/.test(all[at + 1] ?? '')))
    .map((each, at, kept) => (kept[at + 1] === ':' && /^"[A-Za-z_$][\w$]*"$/.test(each) ? each.slice(1, -1) : each));
}

function plain(each: string): string {
  if (each.startsWith('/')) return each.replaceAll(/\s+/g, ' ').trimEnd();
  if (!/^['"]/.test(each)) return each;
  const inner = each.slice(1, -1).replaceAll(/\\(['"])/g, '$1');
  return `"${inner.replaceAll('"', String.raw`\"`)}"`;
}
