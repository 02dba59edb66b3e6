import { LmdeckError, type Message, type Sample, type StoredCall, type ToolDefinition } from '../core/index.ts';

/** What a model is to learn: an answer to a prompt. */
export interface TrainingExample {
  readonly messages: readonly Message[];
  readonly answer: Message;
  readonly tools?: readonly ToolDefinition[] | undefined;
}

/**
 * A sample of a call as an example.
 * @throws LmdeckError `usage` when the call has no such sample.
 */
export function exampleOf(call: StoredCall, sample = 0): TrainingExample {
  return { messages: call.request.messages, answer: sampleOf(call, sample).message, tools: call.request.tools };
}

/** @throws LmdeckError `usage` when the call has no such sample. */
export function sampleOf(call: StoredCall, sample: number): Sample {
  const found = call.samples[sample];
  if (found !== undefined && found.message.parts.length > 0) return found;
  throw new LmdeckError(
    'usage',
    `The call ${call.id} has no answer${sample === 0 ? '' : ` (sample ${sample})`} to learn from: its status is ${call.status}.`,
  );
}

/** True for a call, false for an example. */
export function isCall(input: StoredCall | TrainingExample): input is StoredCall {
  return 'request' in input;
}
