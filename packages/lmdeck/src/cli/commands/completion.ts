import { LmdeckError } from '../../core/index.ts';
import type { Command } from '../args/command.ts';

export const completionCommand: Command = {
  name: 'completion',
  summary: 'Print a completion script for bash, zsh or fish',
  description: 'Prints a script that completes commands, options, models, aliases, keys and conversations.',
  arguments: ['<shell>'],
  examples: [
    { command: 'echo \'eval "$(lmdeck completion bash)"\' >> ~/.bashrc' },
    { command: 'echo \'eval "$(lmdeck completion zsh)"\' >> ~/.zshrc' },
    { command: 'lmdeck completion fish > ~/.config/fish/completions/lmdeck.fish' },
  ],
  run: async ({ args: [shell = ''], io }) => {
    const { completionScripts } = await import('../completion/scripts.ts');
    if (shell !== 'bash' && shell !== 'zsh' && shell !== 'fish')
      throw new LmdeckError('usage', `There is a completion script for bash, zsh and fish, not for "${shell}".`);
    await io.print(completionScripts[shell]);
  },
};
