import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import { markup, type Html } from './html.ts';
import { style } from './style.ts';

/** A fact of the head of a page; one that is not known is left out. */
export type Fact = readonly [name: string, value: string | undefined];

/** The beginning of a page. Whatever is in it, the browser fetches nothing. */
export function pageHead(title: string, heading: string, facts: readonly Fact[]): Html {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title>
<style>${{ html: style }}</style>
</head>
<body>
<h1>${heading}</h1>
<dl>${facts.map(([name, value]) => (value === undefined ? undefined : markup`<dt>${name}</dt><dd>${value}</dd>`))}</dl>
`;
}

/** A column of a table: its title, and whether it has numbers. */
export type Column = readonly [title: string, isNumber: boolean];

/** Rows of cells under their titles. */
export function table(columns: readonly Column[], rows: readonly (readonly Html[])[]): Html {
  const numeric = (i: number): Html | undefined => (columns[i]?.[1] === true ? { html: ' class="n"' } : undefined);
  return markup`<div class="wide"><table>
<thead><tr>${columns.map(([title], i) => markup`<th${numeric(i)}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map((cells) => markup`<tr>${cells.map((cell, i) => markup`<td${numeric(i)}>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>
`;
}

/**
 * Writes a page piece by piece. The file has its name when it is complete.
 * @throws LmdeckError `config` when it cannot be written, and what `fill` throws.
 */
export async function writePage(path: string, fill: (write: (text: Html) => void) => Promise<void>): Promise<void> {
  const part = `${path}.part`;
  const file = attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(part, 'w');
  });
  try {
    const write = ({ html: text }: Html): void => attempt(path, () => void writeSync(file, text));
    await fill(write);
    write({ html: '</body>\n</html>\n' });
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  attempt(path, () => renameSync(part, path));
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new LmdeckError('config', `Cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
