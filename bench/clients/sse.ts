/** Decoders of event streams, fed with the same bytes: what a server writes for 2000 text deltas, 8 events a write. */
import { createParser } from 'eventsource-parser';
import { SseDecoder } from 'lmdeck/transport';
import { textEvents } from '../server-answers.ts';
import type { Tasks } from '../task.ts';

const eventsPerWrite = 8;

export function open(): Tasks {
  const events = textEvents(2000);
  const writes: Buffer[] = [];
  for (let i = 0; i < events.length; i += eventsPerWrite) writes.push(Buffer.from(events.slice(i, i + eventsPerWrite).join('')));
  return {
    'naive split': {
      run: () => {
        const count = new DataCount();
        const decoder = new TextDecoder();
        let rest = '';
        for (const bytes of writes) {
          const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
          rest = blocks.pop() ?? '';
          for (const block of blocks) count.add(block.slice(6));
        }
        return count.toString();
      },
    },
    'eventsource-parser': {
      run: () => {
        const count = new DataCount();
        const decoder = new TextDecoder();
        const parser = createParser({ onEvent: ({ data }) => count.add(data) });
        for (const bytes of writes) parser.feed(decoder.decode(bytes, { stream: true }));
        return count.toString();
      },
    },
    lmdeck: {
      run: () => {
        const count = new DataCount();
        const decoder = new SseDecoder();
        for (const bytes of writes) for (const { data } of decoder.push(bytes)) count.add(data);
        return count.toString();
      },
    },
  };
}

class DataCount {
  #events = 0;
  #characters = 0;

  add(data: string): void {
    this.#events += 1;
    this.#characters += data.length;
  }

  toString(): string {
    return `${this.#events} events, ${this.#characters} characters`;
  }
}
