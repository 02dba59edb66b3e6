import { LmdeckError, monotonicMs, type ModelEvent, type Response } from '../../core/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import { markdownWanted } from '../markdown/markdown-wanted.ts';

export interface PrintAnswerOptions {
  /** False waits for the whole answer. */
  readonly stream: boolean;
  /** False shows the text as it is, also on a terminal. */
  readonly markdown: boolean;
  readonly hideReasoning: boolean;
}

/** How an answer came. */
export interface PrintedAnswer {
  /** Why it broke off, if it did; what had come by then is printed. */
  readonly error: LmdeckError | undefined;
  /** From asking to the first text or reasoning, milliseconds. */
  readonly firstTokenMs: number | undefined;
  readonly durationMs: number;
}

/**
 * Prints an answer while it comes: its text to stdout, its reasoning to stderr. The text ends with a line feed.
 *
 * @throws OutputClosed when nobody reads stdout any more; the call is ended then.
 */
export async function printAnswer(response: Response, io: CliIo, options: PrintAnswerOptions): Promise<PrintedAnswer> {
  const startedAt = monotonicMs();
  let firstTokenMs: number | undefined;
  let error: LmdeckError | undefined;
  if (!options.stream) await response.message().catch(() => undefined);
  const events = await underWay(response);
  const view = openView(io, options.markdown);
  const reasoning = new ReasoningView(io, options.hideReasoning);
  try {
    for await (const event of events) {
      if (event.type === 'error') error = LmdeckError.fromInfo(event.error);
      if (event.type !== 'text-delta' && event.type !== 'refusal-delta' && event.type !== 'reasoning-delta') continue;
      firstTokenMs ??= monotonicMs() - startedAt;
      if ((event.sample ?? 0) !== 0 || event.text === '') continue;
      if (event.type === 'reasoning-delta') {
        // On a terminal both are on one screen.
        await view.flush();
        reasoning.push(event.text);
      } else {
        reasoning.end();
        const written = view.push(event.text);
        if (written !== undefined) await written;
      }
    }
  } finally {
    reasoning.end();
    await view.end();
  }
  return { error: response.error ?? error, firstTokenMs, durationMs: monotonicMs() - startedAt };
}

/** The events of an answer that is asked for already: opening the screen takes milliseconds that the network needs anyway. */
async function underWay(response: Response): Promise<AsyncIterable<ModelEvent>> {
  const events = response.events();
  let first: ReturnType<typeof events.next> | undefined = events.next();
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const next = first ?? events.next();
        first = undefined;
        return next;
      },
      return: () => events.return(),
    }),
  };
}

interface AnswerView {
  /** What is to be waited for before more is pushed. */
  push(text: string): Promise<void> | undefined;
  /** Shows at once what it has. */
  flush(): Promise<void> | undefined;
  end(): Promise<void>;
}

function openView(io: CliIo, markdown: boolean): AnswerView {
  return markdownWanted(io, !markdown) ? markdownView(io) : rawView(io);
}

/** The text as it is. What one read of the network brought is printed by one write. */
function rawView(io: CliIo): AnswerView {
  let last = '';
  let gathered = '';
  let due: NodeJS.Immediate | undefined;
  let printed: Promise<void> | undefined;
  const print = (): void => {
    const text = gathered;
    gathered = '';
    due = undefined;
    printed = io.print(text);
    // Told to whoever comes next.
    printed.catch(() => undefined);
  };
  const flush = (): Promise<void> | undefined => {
    clearImmediate(due);
    if (gathered !== '') print();
    const before = printed;
    printed = undefined;
    return before;
  };
  return {
    push: (text) => {
      const before = printed;
      printed = undefined;
      last = text;
      gathered += text;
      due ??= setImmediate(print);
      return before;
    },
    flush,
    end: async () => {
      if (last !== '' && !last.endsWith('\n')) gathered += '\n';
      await flush();
    },
  };
}

function markdownView(io: CliIo): AnswerView {
  // The renderer is loaded while the model thinks about its first word.
  const loading = import('../markdown/markdown-stream.ts').then(
    ({ MarkdownStream }) =>
      new MarkdownStream({
        write: (text) => void io.stdout.write(text),
        get columns() {
          return io.columns ?? 80;
        },
        get rows() {
          return ('rows' in io.stdout && typeof io.stdout.rows === 'number' && io.stdout.rows) || 24;
        },
      }),
  );
  return {
    push: async (text) => (await loading).push(text),
    flush: () => undefined,
    end: async () => (await loading).end(),
  };
}

/** Reasoning on stderr, dim where colours are shown, set off from the answer. */
class ReasoningView {
  readonly #io: CliIo;
  readonly #hidden: boolean;
  #last = '';

  constructor(io: CliIo, hidden: boolean) {
    this.#io = io;
    this.#hidden = hidden;
  }

  push(text: string): void {
    if (this.#hidden) return;
    this.#last = text;
    this.#io.tell(colours(this.#io) ? `\u001B[2m${text}\u001B[22m` : text);
  }

  end(): void {
    if (this.#last === '') return;
    this.#io.tell(this.#last.endsWith('\n') ? '\n' : '\n\n');
    this.#last = '';
  }
}

/** True when stderr shows colours. */
export function colours(io: CliIo): boolean {
  return io.stderr.isTTY === true && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb';
}
