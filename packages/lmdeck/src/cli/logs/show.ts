import { LmdeckError } from '../../core/index.ts';
import type { Command } from '../args/command.ts';
import { printCalls, printOptions } from './print-calls.ts';
import { databaseOption, withTape } from './with-tape.ts';

export const showCommand: Command = {
  name: 'show',
  summary: 'Show one call, or all calls of a conversation',
  arguments: ['<id>'],
  completes: 'call',
  options: [...printOptions, databaseOption],
  examples: [
    { command: 'lmdeck logs show 01kab', does: 'The beginning of the id is enough' },
    { command: 'lmdeck logs show 01kab --json' },
  ],
  run: (call) =>
    withTape(
      call,
      async (tape) => {
        const [id = ''] = call.args;
        const found = tape.call(id);
        const conversation = found === undefined ? tape.conversation(id) : undefined;
        if (found === undefined && conversation === undefined) {
          throw new LmdeckError('usage', `There is no call or conversation ${id} on the tape. List calls: lmdeck logs -s`);
        }
        await printCalls(
          found === undefined ? tape.iterate({ conversationId: conversation?.id ?? id, order: 'oldest' }) : [found],
          call.options,
          call.io,
        );
      },
      true,
    ),
};
