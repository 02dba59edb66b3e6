import type { Command, CommandOption, Invocation } from '../args/command.ts';
import type { CliIo } from '../io/cli-io.ts';
import { printCalls, printOptions } from './print-calls.ts';
import { selectCalls } from './select-calls.ts';
import { databaseOption, withTape } from './with-tape.ts';

const filterOptions: readonly CommandOption[] = [
  { flags: '-n, --count <number>', description: 'How many calls; 0 for all (default: 3; all of one conversation)' },
  { flags: '-m, --model <id>', description: 'Only calls of this model (id or alias)', completes: 'model' },
  { flags: '-c, --current', description: 'Only the conversation that was used last' },
  {
    flags: '--cid, --conversation <id>',
    description: 'Only this conversation (the beginning of its id is enough)',
    completes: 'conversation',
  },
  { flags: '--since <time>', description: 'Not before: 2026-11-20, 2026-11-20T19:59, today, yesterday, or an age: 90m, 2h, 3d' },
  { flags: '--until <time>', description: 'Before this time' },
  { flags: '--status <status>', description: 'ok, error, aborted, interrupted or started' },
  { flags: '--schema <schema>', description: 'Only calls that asked for this schema (JSON, file, short form or hash)' },
  { flags: '--tag <name=value>', description: 'Only calls with this tag or metadata', repeatable: true },
  { flags: '--id-gt <id>', description: 'Only calls after this one' },
  { flags: '--id-gte <id>', description: 'Only this call and those after it' },
  { flags: '-l, --latest', description: 'Newest first' },
  databaseOption,
];

export const listCommand: Command = {
  name: 'list',
  summary: 'List calls',
  description: 'Lists the newest calls, oldest of them first; a search (-q) newest first.',
  options: [{ flags: '-q, --query <words>', description: 'Search prompts and answers (FTS5 syntax)' }, ...filterOptions, ...printOptions],
  examples: [
    { command: 'lmdeck logs -n 10 -s', does: 'The last ten, briefly' },
    { command: 'lmdeck logs --status error --since today', does: 'What failed today' },
    { command: 'lmdeck logs -n 0 --json > all.json', does: 'Everything' },
    { command: 'lmdeck logs -x', does: 'The code block of the last answer' },
  ],
  run: (call) => list(call, call.options.text('query')),
};

export const searchCommand: Command = {
  name: 'search',
  summary: 'Search prompts and answers, newest first',
  arguments: ['<words...>'],
  options: [...filterOptions, ...printOptions],
  examples: [{ command: 'lmdeck logs search pelican' }, { command: 'lmdeck logs search "pelican NOT walrus" -n 20 -s' }],
  run: (call) => list(call, call.args.join(' ')),
};

function list(call: Invocation, query: string | undefined): Promise<number | undefined | void> {
  return withTape(call, async (tape, deck) => {
    const calls = await selectCalls(call.options, query, tape, deck);
    const printed = await printCalls(calls, call.options, call.io);
    if (printed === 0 && !call.options.flag('json')) noteEmpty(call.io);
  });
}

function noteEmpty(io: CliIo): void {
  io.note('No calls match.');
}
