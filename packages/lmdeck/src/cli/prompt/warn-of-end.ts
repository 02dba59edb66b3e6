import type { Finish, Message } from '../../core/index.ts';
import type { CliIo } from '../io/cli-io.ts';

/** Tells when an answer did not end by itself, or is none. */
export function warnOfEnd(finish: Finish | undefined, answer: Message, io: CliIo): void {
  const reason = finish?.reason;
  if (reason === 'length') io.note('Warning: the answer was cut off at the token limit (-o maxTokens N raises it).');
  else if (reason === 'content-filter') io.note('Warning: the provider cut the answer off for its content.');
  else if (answer.parts.every((part) => part.type === 'reasoning' || ('text' in part && part.text === '')))
    io.note('Warning: the answer is empty.');
}
