import type { Command } from '../args/command.ts';
import { runPrompt } from '../prompt/run-prompt.ts';
import { callFlags, conversationFlags, modelFlags } from '../prompt/shared-options.ts';

export const promptCommand: Command = {
  name: 'prompt',
  summary: 'Ask a model (the default command)',
  description: `Asks a model and prints its answer. "lmdeck TEXT" is short for "lmdeck prompt TEXT".

What stdin has comes first, then one space, then TEXT: cat notes.txt | lmdeck "Summarise". Several words
are joined by spaces; "--" ends the options. The answer goes to stdout, byte for byte when it is piped, as rendered
Markdown on a terminal; reasoning, warnings and usage go to stderr.

Without -m the default model is asked (lmdeck models default). Before one is set that is the embedded model
"tiny", if it is installed: a demo model that needs no key and no server, and knows next to nothing.`,
  arguments: ['[prompt...]'],
  options: [
    ...modelFlags,
    {
      flags: '-a, --attachment <source>',
      description: 'Image, audio or document: path, URL, or - for stdin',
      repeatable: true,
      completes: 'file',
    },
    { flags: '--at <source> <type>', description: 'Attachment with its media type', repeatable: true },
    { flags: '--schema <schema>', description: 'Answer as JSON: a JSON Schema, its file, or the short form "name, age int"' },
    { flags: '--schema-multi <schema>', description: 'The same, for a list of such objects' },
    ...conversationFlags,
    { flags: '-x, --extract', description: 'Print only the first fenced code block' },
    { flags: '--xl, --extract-last', description: 'Print only the last fenced code block' },
    { flags: '--json', description: 'Print the call as JSON, like logs --json' },
    { flags: '--cache', description: 'Answer from the tape if the same was asked before' },
    { flags: '--options', description: 'Show the options of the model and exit' },
    ...callFlags,
  ],
  examples: [
    { command: 'lmdeck "Three names for a pet pelican"' },
    { command: 'git diff | lmdeck -s "Describe these changes" -m openai/gpt-5-mini' },
    { command: 'lmdeck -c "Shorter, please"', does: 'Go on with the last conversation' },
    { command: 'lmdeck -a photo.jpg "What is this?"' },
    { command: 'lmdeck --schema "name, age int, bio: one sentence" "Invent a dog"' },
    { command: 'lmdeck -x "A bash script that counts lines" > count.sh' },
    { command: 'lmdeck -o temperature 0 -o max_tokens 100 -u "Why is the sky blue?"' },
  ],
  run: runPrompt,
};
