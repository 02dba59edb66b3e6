import type { CommandGroup } from '../args/command.ts';
import { addCommand } from '../models/add-endpoint.ts';
import { endpointsCommand, removeCommand } from '../models/endpoints.ts';
import { defaultCommand } from '../models/default.ts';
import { listCommand } from '../models/list.ts';
import { optionsCommand } from '../models/options.ts';
import { parametersCommand } from '../models/parameters.ts';
import { saveCommand } from '../models/save.ts';

export const modelsCommand: CommandGroup = {
  name: 'models',
  summary: 'List models, choose the default, set default options',
  default: 'list',
  commands: [listCommand, parametersCommand, defaultCommand, optionsCommand, saveCommand, addCommand, removeCommand, endpointsCommand],
  examples: [
    { command: 'lmdeck models -q mini', does: 'Models whose id or alias has "mini"' },
    { command: 'lmdeck models default openai/gpt-5-mini' },
    { command: 'lmdeck models options set tiny temperature 0' },
    { command: 'lmdeck models add local http://127.0.0.1:8080/v1', does: 'Then: lmdeck -m local/NAME "…"' },
  ],
};
