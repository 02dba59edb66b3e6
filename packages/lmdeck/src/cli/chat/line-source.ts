export const INTERRUPTED: unique symbol = Symbol('interrupted');

/** Where the lines of a chat come from. */
export interface LineSource {
  /**
   * The next line, which may be several when it was pasted; `undefined` at the end, `INTERRUPTED` after Ctrl-C on an empty line.
   *
   * @param continues the line belongs to a message that was begun: Ctrl-C gives that up, and twice does not leave.
   */
  next(prompt: string, continues?: boolean): Promise<string | typeof INTERRUPTED | undefined>;
  close(): void;
}

/** Lines of a stream that is no terminal. */
export function streamLines(stream: NodeJS.ReadableStream): LineSource {
  const lines = splitLines(stream);
  return {
    next: async () => {
      const item = await lines.next();
      return item.done === true ? undefined : item.value;
    },
    close: () => {
      // Nobody waits for it: a read that is under way ends with the process.
      void lines.return(undefined);
    },
  };
}

async function* splitLines(stream: NodeJS.ReadableStream): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
