export { schemaHash } from './call-query.ts';
export { closestCalls } from './closest-calls.ts';
export { openTape, type TapeOptions } from './open-tape.ts';
export { callTag, type TagChanges } from './tags.ts';
export type {
  AnsweredCall,
  CallFilter,
  CallsCost,
  ConversationFilter,
  ConversationSummary,
  StoredConversation,
  Tape,
  TapeMismatch,
  TapeStatus,
} from './tape.ts';
