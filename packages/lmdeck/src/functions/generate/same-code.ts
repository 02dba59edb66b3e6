/** True when two texts are the same code: a formatter may have gone over one of them. */
export function sameCode(a: string, b: string): boolean {
  return a === b || (a.length > 0 && tokens(a) === tokens(b));
}

/** Text without what formatters change: white space, line ends, trailing commas, kinds of quotes, quotes around keys, semicolons at line ends. */
function tokens(text: string): string {
  let code = '';
  for (const [token] of text
    .replace(/^\u{FEFF}/u, '')
    .matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\/\*[^]*?\*\/|\/\/[^\n]*|[\w$]+|\s+|[^]/g)) {
    if (/^\s/.test(token)) continue;
    code += /^['"]/.test(token) ? `${quoted(token)} ` : `${token.startsWith('/') ? token.replaceAll(/\s+/g, ' ').trimEnd() : token} `;
  }
  return code
    .replaceAll(/[,;] (?=[\])}>] )/g, '')
    .replaceAll(/(?<=[{,] )"([A-Za-z_$][\w$]*)" (?=: )/g, '$1 ')
    .replaceAll('; ', '');
}

function quoted(token: string): string {
  return `"${token
    .slice(1, -1)
    .replaceAll(/\\(['"])/g, '$1')
    .replaceAll('"', String.raw`\"`)}"`;
}
