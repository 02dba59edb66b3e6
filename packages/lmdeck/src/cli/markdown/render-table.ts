import type { Tokens } from 'marked';

import { bold, dim } from './ansi.ts';
import { renderInline } from './render-inline.ts';
import { visibleWidth } from './visible-width.ts';
import { wrapStyled } from './wrap-styled.ts';

const NARROWEST = 6;

/** A table as terminal lines. Columns that do not fit are narrowed, the widest first, and their cells wrapped. */
export function renderTable(table: Tokens.Table, width: number): string[] {
  const head = table.header.map((cell) => bold(renderInline(cell.tokens)));
  const rows = table.rows.map((row) => row.map((cell) => renderInline(cell.tokens)));
  const widths = head.map((cell, column) => Math.max(1, ...[cell, ...rows.map((row) => row[column] ?? '')].map(cellWidth)));
  shrink(widths, width - 3 * (widths.length - 1));
  const line = (cells: readonly string[]): string[] => tableRow(cells, widths, table.align);
  return [...line(head), dim(widths.map((each) => '─'.repeat(each)).join('─┼─')), ...rows.flatMap(line)];
}

function cellWidth(cell: string): number {
  return Math.max(...cell.split('\n').map(visibleWidth));
}

function shrink(widths: number[], room: number): void {
  for (let excess = widths.reduce((sum, each) => sum + each, 0) - room; excess > 0; excess--) {
    const widest = widths.indexOf(Math.max(...widths));
    const now = widths[widest] ?? 0;
    if (now <= NARROWEST) return;
    widths[widest] = now - 1;
  }
}

function tableRow(cells: readonly string[], widths: readonly number[], align: readonly (string | null)[]): string[] {
  const wrapped = widths.map((width, column) => wrapStyled(cells[column] ?? '', width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    wrapped
      .map((lines, column) => aligned(lines[row] ?? '', widths[column] ?? 0, align[column]))
      .join(dim(' │ '))
      .trimEnd(),
  );
}

function aligned(text: string, width: number, align: string | null | undefined): string {
  const gap = Math.max(0, width - visibleWidth(text));
  const left = align === 'right' ? gap : align === 'center' ? Math.floor(gap / 2) : 0;
  return ' '.repeat(left) + text + ' '.repeat(gap - left);
}
