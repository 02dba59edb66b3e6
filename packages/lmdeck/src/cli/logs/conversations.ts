import type { Command } from '../args/command.ts';
import { localTime } from './local-time.ts';
import { databaseOption, withTape } from './with-tape.ts';

export const conversationsCommand: Command = {
  name: 'conversations',
  summary: 'List conversations, the last used first',
  options: [
    { flags: '-n, --count <number>', description: 'How many; 0 for all', default: '20' },
    { flags: '-q, --query <words>', description: 'Only those with a call that matches' },
    { flags: '-m, --model <id>', description: 'Only those with a call of this model', completes: 'model' },
    { flags: '--json', description: 'As a JSON array' },
    databaseOption,
  ],
  examples: [
    { command: 'lmdeck logs conversations' },
    { command: 'lmdeck --cid 01kab "And then?"', does: 'Go on with one of them' },
    { command: 'lmdeck chat --cid 01kab' },
  ],
  run: (call) =>
    withTape(call, async (tape) => {
      const { options, io } = call;
      const limit = options.integer('count') ?? 20;
      const query = options.text('query');
      const model = options.text('model');
      const conversations = tape.conversations({
        ...(limit === 0 ? {} : { limit }),
        ...(query === undefined ? {} : { query }),
        ...(model === undefined ? {} : { model }),
      });
      if (options.flag('json')) {
        const rows = conversations.map(({ id, name, model, calls, firstAt, lastAt }) => ({
          id,
          name,
          model,
          calls,
          first_utc: new Date(firstAt).toISOString(),
          last_utc: new Date(lastAt).toISOString(),
        }));
        return io.print(`${JSON.stringify(rows, undefined, 2)}\n`);
      }
      if (conversations.length === 0) return io.note('No conversations match.');
      const lines = conversations.map(
        ({ id, lastAt, calls, model, name }) =>
          `${id}  ${localTime(lastAt)}  ${String(calls).padStart(3)} ${calls === 1 ? 'call ' : 'calls'}  ${model}  ${name}\n`,
      );
      await io.print(lines.join(''));
    }),
};
