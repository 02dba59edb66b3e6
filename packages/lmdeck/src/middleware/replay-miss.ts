import {
  type CallContext,
  type CallStore,
  type ClosestCall,
  type ErrorInfo,
  type JsonObject,
  LmdeckError,
  type ModelRequest,
  type ToolDefinition,
} from '../core/index.ts';
import { callIdentity } from './call-identity.ts';
import { jsonDiff } from './json-diff.ts';
import { messagesDiff } from './message-diff.ts';
import { identityOf } from './recordings.ts';
import type { ModelIdentity, ReplayKey } from './replay-key.ts';
import type { ReplayOptions } from './replay.ts';
import { wantsColors } from './terminal-colors.ts';
import { colorStyle, type DiffStyle, plainStyle } from './text-diff.ts';

/** What is known about a request that has no recording. */
export interface Miss {
  readonly store: CallStore;
  readonly request: ModelRequest;
  readonly context: CallContext;
  readonly options: ReplayOptions;
  readonly key: ReplayKey;
  /** How often the request was recorded: more than 0 only in a sequence. */
  readonly recorded: number;
  /** How often it was asked by now. */
  readonly asked: number;
}

const HOW_TO_RECORD = "Record it: run once with replay(tape, { on: 'record' }), or with record(tape) in place of replay(tape).";
/** How long the comparison of the messages gets. */
const DIFF_CHARS = 4000;

/** Coloured for the terminal, plain wherever it is kept. */
class ReplayMiss extends LmdeckError {
  readonly #plain: string;

  constructor(message: string, plain: string, data: JsonObject) {
    super('replay-miss', message, { data });
    this.#plain = plain;
  }

  override toInfo(): ErrorInfo {
    return { ...super.toInfo(), message: this.#plain };
  }
}

/** The error for a request that was not recorded: says what was recorded that is most like it, and where they differ. */
export function replayMiss(miss: Miss): LmdeckError {
  const { store, request, context, options, recorded, asked } = miss;
  const { requestKey } = callIdentity(context.model, request, context.trace);
  const advice = options.advice ?? HOW_TO_RECORD;
  if (recorded > 0) {
    const message = `This request to ${context.model.id} was recorded ${times(recorded)} and is asked ${times(asked)} now (order: sequence).\n${advice}`;
    return new LmdeckError('replay-miss', message, { data: { requestKey, recorded, asked } });
  }
  const { calls, compared, complete } = store.closest(request);
  const [closest] = calls;
  const scope = complete ? '' : ` (Only the ${compared} newest of the recorded prompts were looked at, and no longer than a few seconds.)`;
  const message = (style: DiffStyle): string =>
    [
      `Nothing is recorded for this request to ${context.model.id}.`,
      ...(closest === undefined ? [`No recorded prompt is at all like it.${scope}`] : comparison(miss, closest, scope, style)),
      advice,
    ].join('\n');
  const plain = message(plainStyle);
  const data = { requestKey, ...(closest === undefined ? {} : { closestCallId: closest.call.id, score: closest.score }) };
  return new ReplayMiss(wantsColors() ? message(colorStyle) : plain, plain, data);
}

function comparison({ request, context, key }: Miss, { call, score }: ClosestCall, scope: string, style: DiffStyle): string[] {
  const recorded = key.request(call.request);
  const asked = key.request(request);
  const lines = [`Closest recorded prompt: call ${call.id} (similarity ${score.toFixed(3)}).${scope}`];
  const messages = messagesDiff(recorded.messages, asked.messages, style, DIFF_CHARS);
  if (messages.length === 0) lines.push('The prompts are the same.');
  else lines.push(`From that prompt to this one (${style.removed('recorded')} ${style.added('asked')}):`, ...messages.map(indent));
  const settings = jsonDiff(
    facts(recorded, key.identity(identityOf(call)), asked),
    facts(asked, key.identity(context.model), recorded),
    style,
  );
  if (settings.length > 0) lines.push('Settings that differ (recorded → asked):', ...settings.map(indent));
  if (call.status !== 'ok') lines.push(`That call ended with status ${call.status}: such calls are not replayed here.`);
  return lines;
}

/** What besides the messages has part in a request key. Tools by name: their order counts where nothing else of them differs. */
function facts(request: ModelRequest, { id, endpoint, revision }: ModelIdentity, other: ModelRequest): JsonObject {
  const { tools, toolChoice, schema, options, samples, sample, continuation } = request;
  const sameTools = names(tools).toSorted().join() === names(other.tools).toSorted().join();
  const facts: JsonObject = JSON.parse(
    JSON.stringify({
      model: id,
      endpoint,
      revision,
      tools: Object.fromEntries((tools ?? []).map(({ name, ...definition }) => [name, definition])),
      'tool order': sameTools ? names(tools) : undefined,
      'tool choice': toolChoice,
      schema,
      options,
      samples,
      'sample index': sample,
      continuation,
    }),
  );
  return facts;
}

function names(tools: readonly ToolDefinition[] = []): string[] {
  return tools.map(({ name }) => name);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
