import type { CommandGroup } from '../args/command.ts';
import { checkCommand } from '../functions/check.ts';
import { generateCommand } from '../functions/generate.ts';
import { listCommand } from '../functions/list.ts';

export const functionsCommand: CommandGroup = {
  name: 'functions',
  summary: 'Typed functions from TypeScript declarations: generate, check, list',
  description:
    'Makes modules with prompts and schemas from declared functions, abstract classes and interfaces. Of files called *.llm.ts every exported\n' +
    'declaration counts, in others what is marked @llm in its comment. See docs/functions.md.',
  default: 'ls',
  commands: [generateCommand, checkCommand, listCommand],
  examples: [
    { command: 'lmdeck functions generate src', does: 'src/x.llm.ts → src/x.llm.generated.ts' },
    { command: 'lmdeck functions generate --watch', does: 'Again at every change' },
    { command: 'lmdeck functions check', does: 'In CI: exit code 1 when a module is stale' },
  ],
};
