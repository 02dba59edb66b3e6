import type { CliIo } from './cli-io.ts';

const INTERVAL_MS = 200;

/** A line on the terminal that says how far something has come; nothing where nobody looks. */
export interface Progress {
  show(text: string): void;
  /** Writes a line that stays. */
  note(line: string): void;
  /** Takes the line off. */
  end(): void;
}

export function progressLine(io: CliIo): Progress {
  const isShown = io.stderr.isTTY === true && io.env['TERM'] !== 'dumb';
  let last = -Infinity;
  let visible = false;
  const clear = (): void => {
    if (visible) io.tell('\r\u001B[K');
    visible = false;
  };
  return {
    show: (text) => {
      const now = performance.now();
      if (!isShown || now - last < INTERVAL_MS) return;
      last = now;
      visible = true;
      io.tell(`\r${clipped(text, io.columns || 80)}\u001B[K`);
    },
    note: (line) => {
      clear();
      io.note(line);
    },
    end: clear,
  };
}

/** A line that wraps could not be taken off again. */
function clipped(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
}

/** `12,345` */
export function counted(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 call`, `12,345 calls` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${counted(count)} ${count === 1 ? one : many}`;
}
