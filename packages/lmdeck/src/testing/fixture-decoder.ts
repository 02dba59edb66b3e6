import {
  createRequest,
  type ErrorInfo,
  type Finish,
  type JsonValue,
  LmdeckError,
  type Message,
  type ModelRequest,
  type Sample,
  type TokenLogprob,
  type ToolChoice,
  type ToolDefinition,
  type Usage,
} from '../core/index.ts';
import { type Fixture, type FixtureCall, FIXTURE_VERSION } from './fixture-call.ts';
import type { Yaml } from './fixture-nodes.ts';
import { FixtureMessages, type ReadAttachment } from './fixture-messages.ts';
import { FixtureMistake, FixtureValue } from './fixture-shape.ts';

/** What reading a fixture takes. */
export interface FixtureSource {
  readonly path: string;
  readonly text: string;
  readonly attachment: ReadAttachment;
}

/**
 * The inverse of `encodeFixture`.
 * @throws LmdeckError `config` for a text that is no fixture, with the line.
 */
export function decodeFixture(yaml: Yaml, source: FixtureSource): Fixture {
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(source.text, { lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  if (problem !== undefined) throw mistake(source.path, lines.linePos(problem.pos[0]).line, problem.message, problem);
  // No limit to references: a long system prompt may be in every call.
  const json: JsonValue = document.toJS({ maxAliasCount: -1 });
  try {
    return new FixtureDecoder(new FixtureMessages(source.attachment)).fixture(new FixtureValue(json));
  } catch (error) {
    if (!(error instanceof FixtureMistake)) throw error;
    let range: readonly number[] | null | undefined;
    for (let { path } = error; range === undefined || range === null; path = path.slice(0, -1)) {
      const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
      range = yaml.isNode(node) ? node.range : undefined;
      if (path.length === 0) break;
    }
    throw mistake(source.path, lines.linePos(range?.[0] ?? 0).line, error.message, error);
  }
}

function mistake(path: string, line: number, message: string, cause: unknown): LmdeckError {
  return new LmdeckError('config', `${path}:${line}: ${message} (To record the fixture anew: LMDECK_RECORD=all)`, {
    cause,
    data: { path, line },
  });
}

const CALL = [
  'model',
  'endpoint',
  'revision',
  'options',
  'tools',
  'toolChoice',
  'schema',
  'samples',
  'sample',
  'continues',
  'messages',
  'continuation',
  'answer',
  'answers',
  'name',
  'providerMetadata',
  'finish',
  'logprobs',
  'error',
  'left',
  'usage',
  'resolvedModel',
  'chunks',
  'durationMs',
] as const;
const SAMPLE = ['answer', 'name', 'providerMetadata', 'finish', 'logprobs'] as const;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type SampleFields = Readonly<Record<(typeof SAMPLE)[number], FixtureValue>>;

class FixtureDecoder {
  readonly #messages: FixtureMessages;

  constructor(messages: FixtureMessages) {
    this.#messages = messages;
  }

  fixture(top: FixtureValue): Fixture {
    const version = top.at('lmdeck');
    if (version.json !== FIXTURE_VERSION) {
      const isNewer = typeof version.json === 'number' && version.json > FIXTURE_VERSION;
      version.fail(
        isNewer ? `${FIXTURE_VERSION}: the file was written by a newer lmdeck` : `${FIXTURE_VERSION}, in the first line of a fixture`,
      );
    }
    const { test, calls } = top.fields(['lmdeck', 'test', 'calls']);
    const read: FixtureCall[] = [];
    for (const each of calls.list()) read.push(this.#call(each, read));
    return { title: test.maybe((value) => value.text()), calls: read };
  }

  #call(value: FixtureValue, before: readonly FixtureCall[]): FixtureCall {
    const fields = value.fields(CALL);
    const { answers, error, left, usage } = fields;
    const hasFirst = !fields.answer.isAbsent || !fields.finish.isAbsent;
    const samples =
      answers.maybe((list) => list.list().map((each) => this.#sample(each.fields(SAMPLE)))) ?? (hasFirst ? [this.#sample(fields)] : []);
    const info = error.maybe(errorInfo);
    const isLeft = left.maybe((each) => each.flag()) === true;
    if (samples.length === 0 && answers.isAbsent && info === undefined && !isLeft)
      value.fail('a call with an answer, answers, or an error');
    const call: Mutable<FixtureCall> = {
      model: fields.model.text(),
      request: this.#request(fields, before),
      status: info === undefined && !isLeft ? 'ok' : isLeft ? 'aborted' : 'error',
      samples,
    };
    const endpoint = fields.endpoint.maybe((each) => each.text());
    const revision = fields.revision.maybe((each) => each.text());
    const resolvedModel = fields.resolvedModel.maybe((each) => each.text());
    const chunks = fields.chunks.maybe((each) => each.text());
    const durationMs = fields.durationMs.maybe((each) => each.number());
    const counts = usage.maybe(usageOf);
    if (endpoint !== undefined) call.endpoint = endpoint;
    if (revision !== undefined) call.revision = revision;
    if (info !== undefined) call.error = info;
    if (counts !== undefined) call.usage = counts;
    if (resolvedModel !== undefined) call.resolvedModel = resolvedModel;
    if (chunks !== undefined) call.chunks = chunks;
    if (durationMs !== undefined) call.durationMs = durationMs;
    return call;
  }

  #request(fields: Readonly<Record<(typeof CALL)[number], FixtureValue>>, before: readonly FixtureCall[]): ModelRequest {
    const { continues, messages, options, tools, toolChoice, schema, samples, sample, continuation } = fields;
    const history = continues.maybe((each) => historyOf(each, before)) ?? [];
    return createRequest({
      messages: [
        ...history,
        ...(messages.isAbsent && !continues.isAbsent ? [] : messages.list().map((each) => this.#messages.message(each))),
      ],
      options: options.maybe((each) => each.object()) ?? {},
      tools: tools.maybe((each) => each.list().map(toolDefinition)),
      toolChoice: toolChoice.maybe(toolChoiceOf),
      schema: schema.maybe((each) => each.object()),
      samples: samples.maybe((each) => each.number()),
      sample: sample.maybe((each) => each.number()),
      continuation: continuation.maybe((each) => (typeof each.json === 'string' ? each.json : each.list().map((id) => id.number()))),
    });
  }

  #sample(fields: SampleFields): Sample {
    const { answer, finish, logprobs } = fields;
    const sample: Mutable<Sample> = {
      message: this.#messages.content('assistant', answer.isAbsent ? new FixtureValue([], answer.path) : answer, fields),
    };
    const end = finish.maybe(finishOf);
    const tokens = logprobs.maybe((each) => each.list().map(logprobOf));
    if (end !== undefined) sample.finish = end;
    if (tokens !== undefined) sample.logprobs = tokens;
    return sample;
  }
}

function historyOf(value: FixtureValue, before: readonly FixtureCall[]): readonly Message[] {
  const call = value.number() < 0 ? before.at(value.number()) : undefined;
  const [answer] = call?.samples ?? [];
  if (call === undefined || answer === undefined) return value.fail('a negative number: so many calls further up is one with an answer');
  return [...call.request.messages, answer.message];
}

function errorInfo(value: FixtureValue): ErrorInfo {
  const { code, message, retryable, status, retryAfterMs, data } = value.fields([
    'code',
    'message',
    'retryable',
    'status',
    'retryAfterMs',
    'data',
  ]);
  // Codes are not held against a list: a file may come from a newer version that has more.
  code.text();
  message.text();
  retryable.flag();
  status.maybe((each) => each.number());
  retryAfterMs.maybe((each) => each.number());
  data.maybe((each) => each.object());
  const info: ErrorInfo = JSON.parse(JSON.stringify(value.json));
  return info;
}

function finishOf(value: FixtureValue): Finish {
  if (value.json === 'stop') return { reason: 'stop', raw: 'stop' };
  const { reason, raw } = value.fields(['reason', 'raw']);
  const word = raw.maybe((each) => each.text());
  return {
    reason: reason.oneOf(['stop', 'length', 'tool-calls', 'content-filter', 'error', 'other'] as const),
    ...(word === undefined ? {} : { raw: word }),
  };
}

function toolDefinition(value: FixtureValue): ToolDefinition {
  const { name, parameters } = value.fields(['name', 'description', 'parameters', 'strict']);
  name.text();
  parameters.object();
  const definition: ToolDefinition = JSON.parse(JSON.stringify(value.json));
  return definition;
}

function toolChoiceOf(value: FixtureValue): ToolChoice {
  return typeof value.json === 'string' ? value.oneOf(['auto', 'none', 'required'] as const) : { name: value.fields(['name']).name.text() };
}

function usageOf(value: FixtureValue): Usage {
  const { raw, ...counts } = value.fields([
    'inputTokens',
    'outputTokens',
    'cachedInputTokens',
    'cacheWriteTokens',
    'reasoningTokens',
    'totalTokens',
    'raw',
  ]);
  for (const count of Object.values(counts)) count.maybe((each) => each.number());
  raw.maybe((each) => each.object());
  const usage: Usage = JSON.parse(JSON.stringify(value.json));
  return usage;
}

function logprobOf(value: FixtureValue): TokenLogprob {
  const fields = value.fields(['token', 'logprob', 'bytes', 'tokenId', 'isGreedy', 'top']);
  fields.token.text();
  fields.logprob.number();
  const token: TokenLogprob = JSON.parse(JSON.stringify(value.json));
  return token;
}
