export { Aborter, offAbort, onAbort, type AbortListener } from './aborter.ts';
export { atExit } from './at-exit.ts';
export type {
  BatchApi,
  BatchCallOptions,
  BatchFindOptions,
  BatchJob,
  BatchLimits,
  BatchLine,
  BatchLines,
  BatchResult,
  BatchSubmitOptions,
} from './batch-api.ts';
export { canonicalJson } from './canonical-json.ts';
export type {
  CallEnd,
  CallFeed,
  CallStart,
  CallStatus,
  CallStore,
  ClosestCall,
  ClosestCalls,
  ClosestOptions,
  EndedCall,
  RecordedAnswer,
  SimilarityKind,
  StoredCall,
} from './call-store.ts';
export { ChunkEncoder, decodeChunks, encodeChunks, type Chunk } from './chunks.ts';
export { conversationName } from './conversation-name.ts';
export { Conversation, type ConversationOptions } from './conversation.ts';
export { derivedId } from './derived-id.ts';
export { LmdeckError, type ErrorCode, type ErrorInfo, type LmdeckErrorOptions } from './error.ts';
export { EventPipe, eventPipe, type EventItem, type EventReceiver } from './event-pipe.ts';
export type { Finish, FinishReason } from './finish.ts';
export { forcedReplay } from './forced-replay.ts';
export { inOrder, type Job } from './in-order.ts';
export { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from './json.ts';
export { checkOptions, languageModel, type LanguageModel } from './language-model.ts';
export { MessageAssembler, mergeProviderMetadata, type Sample } from './message-assembler.ts';
export { monotonicMs } from './monotonic-ms.ts';
export { chainHashes, messageHash } from './message-hash.ts';
export { Gatherer, type GathererOptions } from './gatherer.ts';
export type { HiddenStates } from './hidden-states.ts';
export { assistant, messageText, raw, system, toolResult, user, type Message, type Role } from './message.ts';
export {
  asBatch,
  isBatch,
  isContent,
  type ErrorEvent,
  type FinishEvent,
  type LogprobsEvent,
  type MetadataEvent,
  type ModelEvent,
  type ModelEvents,
  type RawEvent,
  type ReasoningDelta,
  type RefusalDelta,
  type TextDelta,
  type ToolCallDelta,
  type ToolCallEnd,
  type ToolCallStart,
  type UsageEvent,
} from './model-event.ts';
export type { ModelDescription } from './model-description.ts';
export { createRequest, type Continuation, type ModelRequest, type ModelRequestInput } from './model-request.ts';
export type { CallContext, CallTrace, Capabilities, HeadListener, Model, ScoreCapability, Timeouts } from './model.ts';
export { didYouMean, nearNames } from './near-names.ts';
export { defineOptions, type OptionSpec, type OptionsResult, type OptionsSchema } from './options-schema.ts';
export type {
  AttachmentPart,
  Part,
  ProviderMetadata,
  ReasoningPart,
  RefusalPart,
  TextPart,
  TokensPart,
  ToolCallPart,
  ToolResultPart,
} from './part.ts';
export { pause } from './pause.ts';
export { costMicros, type Price } from './price.ts';
export type { PromptInput, PromptOptions } from './prompt-options.ts';
export { promptText } from './prompt-text.ts';
export { REQUEST_KEY_VERSION, requestKey } from './request-key.ts';
export { Response, type ResponseSource, type ToolCall } from './response.ts';
export { oneSampleOnly } from './request-check.ts';
export { schemaInWords } from './schema-in-words.ts';
export { isScoreRequest } from './score-batches.ts';
export type { Score, ScoredText, ScoreInput, ScoreOptions, ScoreOutcome, ScoreRequest } from './score.ts';
export { isSecretName } from './secret-name.ts';
export { sha256 } from './sha256.ts';
export { isRunning, startOf } from './running-process.ts';
export { Slots } from './slots.ts';
export { surroundCalls } from './surroundings.ts';
export type { TokenLogprob } from './token-logprob.ts';
export type {
  ChatTemplate,
  DecodeOptions,
  EncodeOptions,
  LocalTokenizer,
  RenderOptions,
  SpecialToken,
  TokenIds,
  Tokenizer,
} from './tokenizer.ts';
export type { ToolChoice, ToolDefinition } from './tool-definition.ts';
export { ulid, ulidTime } from './ulid.ts';
export { knownSum, totalUsage } from './total-usage.ts';
export type { Usage } from './usage.ts';
export { compose, type Next, type Wrapper } from './wrapper.ts';
