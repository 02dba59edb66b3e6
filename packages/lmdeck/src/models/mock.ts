import {
  languageModel,
  type CallContext,
  type Capabilities,
  type LanguageModel,
  type ModelEvent,
  type ModelRequest,
  type OptionsSchema,
  type ScoreRequest,
} from '../core/index.ts';
import { playOutput, type ScriptedOutput } from './scripted-output.ts';
import { scoreByLength, scriptedScore, type ScriptedScore } from './scripted-score.ts';

/** Chooses the answer by the question. */
export type MockFunction = (request: ModelRequest, context: CallContext) => ScriptedOutput | Promise<ScriptedOutput>;

export interface MockOptions {
  /** Default: `mock`. */
  readonly id?: string;
  /** The answers, one per call (per sample, where several are asked for), from the start again when they are used up. */
  readonly outputs?: readonly (ScriptedOutput | MockFunction)[];
  /** What is answered to `score`, in turn as `outputs`. Default: 0.1 nats for each character of the continuation. */
  readonly scores?: readonly (ScriptedScore | ((request: ScoreRequest, context: CallContext) => ScriptedScore))[];
  /** Default: everything. */
  readonly capabilities?: Capabilities;
  /** The options it takes; default: any. */
  readonly options?: OptionsSchema;
  readonly endpoint?: string;
  readonly revision?: string;
  /** How many requests it remembers, the newest ones; absent: all. A long run with a model that remembers everything needs the memory for it. */
  readonly remembers?: number;
}

/** A scripted model that remembers what it was asked. */
export interface MockModel extends LanguageModel {
  /** Every request that reached it (see `remembers`), oldest first. */
  readonly requests: readonly ModelRequest[];
  /** Their contexts. */
  readonly calls: readonly CallContext[];
}

const EVERYTHING: Capabilities = {
  streaming: true,
  tools: true,
  schema: true,
  attachments: ['*/*'],
  logprobs: true,
  samples: true,
  raw: true,
  score: { contexts: ['text', 'tokens', 'chat'], batch: 16 },
};

/**
 * A model that gives scripted answers: text, reasoning, tool calls, errors, delays, in pieces as a real one; and scripted scores. For
 * tests of your own code, without a network.
 *
 * @example
 * ```ts
 * import { LmdeckError, mock } from 'lmdeck';
 *
 * const model = mock({
 *   outputs: [
 *     'Paris',
 *     { toolCalls: [{ name: 'weather', arguments: { city: 'Paris' } }] },
 *     { text: 'It is', error: new LmdeckError('server', 'overloaded', { status: 503 }) },
 *     (request) => `You sent ${request.messages.length} message(s).`,
 *   ],
 * });
 * console.log(await model.prompt('Capital of France?').text()); // Paris
 * console.log((await model.prompt('Weather there?').toolCalls())[0]?.name); // weather
 * console.log(await model.prompt('And now?').text().catch((error: LmdeckError) => error.status)); // 503
 * console.log(await model.prompt('Well?').text()); // You sent 1 message(s).
 * console.log(model.requests.length); // 4
 * ```
 */
export function mock(options: MockOptions = {}): MockModel {
  const { id = 'mock', outputs = [''], capabilities = EVERYTHING, remembers = Infinity } = options;
  const { scores } = options;
  const requests: ModelRequest[] = [];
  const calls: CallContext[] = [];
  let turn = 0;
  let scored = 0;

  const remember = (request: ModelRequest, context: CallContext): void => {
    if (remembers <= 0) return;
    if (requests.length >= remembers) {
      requests.shift();
      calls.shift();
    }
    requests.push(request);
    calls.push(context);
  };

  async function* generate(request: ModelRequest, context: CallContext): AsyncGenerator<ModelEvent, void> {
    remember(request, context);
    for (let sample = 0; sample < (request.samples ?? 1); sample++) {
      const output = outputs[turn++ % outputs.length] ?? '';
      yield* playOutput(typeof output === 'function' ? await output(request, context) : output, request, context, sample);
    }
  }

  const model = languageModel({
    id,
    capabilities,
    generate,
    scoreBatch: async (asked, context) =>
      asked.map((request) => {
        remember(request, context);
        const score = scores?.[scored++ % scores.length];
        if (score === undefined) return scoreByLength(request);
        return scriptedScore(typeof score === 'function' ? score(request, context) : score, request);
      }),
    ...(options.options === undefined ? {} : { options: options.options }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.revision === undefined ? {} : { revision: options.revision }),
    ...(isData(outputs) ? { toJSON: () => ({ type: 'mock', id, outputs }) } : {}),
  });
  return { ...model, requests, calls };
}

/** Only texts can be written down. */
function isData(outputs: readonly unknown[]): outputs is readonly string[] {
  return outputs.every((each) => typeof each === 'string');
}
