import type { Command } from '../args/command.ts';
import { runChat } from '../chat/run-chat.ts';
import { callFlags, conversationFlags, modelFlags } from '../prompt/shared-options.ts';

export const chatCommand: Command = {
  name: 'chat',
  summary: 'Talk with a model',
  description: `Talks with a model. Every line is a message; a pasted text of several lines is one message.

  !multi [token]  begin a message of several lines; !end [token] ends it
  !edit           write the message in $VISUAL or $EDITOR
  !model [NAME]   show or switch the model
  !undo           take the last exchange back
  !help           show these
  exit, quit      leave, like Ctrl-D

Ctrl-C stops an answer, which keeps what had come; on the prompt it clears the line, twice on an empty one it leaves.
When stdin is no terminal, every line of it is a message.`,
  options: [...modelFlags, ...conversationFlags, ...callFlags],
  examples: [
    { command: 'lmdeck chat -m tiny' },
    { command: 'lmdeck chat -c', does: 'Go on with the last conversation' },
    { command: 'lmdeck chat -s "You are a pelican" -o temperature 1' },
    { command: 'printf "My name is Anna.\\nWhat is my name?\\n" | lmdeck chat' },
  ],
  run: runChat,
};
