export { schemaHash } from './call-query.ts';
export { openTape, type TapeOptions } from './open-tape.ts';
export type { CallFilter, ConversationFilter, ConversationSummary, StoredConversation, Tape, TapeMismatch, TapeStatus } from './tape.ts';
