import type { Command } from '../args/command.ts';

export const completeCommand: Command = {
  name: '__complete',
  summary: 'Candidates for shell completion',
  description: 'Prints what could stand in place of the last word, one candidate a line with a tab and its description.',
  arguments: ['[words...]'],
  hidden: true,
  run: async ({ args, io }) => {
    try {
      const { candidates } = await import('../completion/candidates.ts');
      const found = await candidates(args, io);
      await io.print(found.map(({ value, description }) => `${value}${description === undefined ? '' : `\t${description}`}\n`).join(''));
    } catch {
      // A shell must not show errors while somebody types.
    }
  },
};
