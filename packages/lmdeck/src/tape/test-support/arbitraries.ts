import fc from 'fast-check';
import {
  createRequest,
  type AttachmentPart,
  type CallEnd,
  type ErrorInfo,
  type Finish,
  type JsonObject,
  type Message,
  type ModelRequest,
  type Part,
  type ProviderMetadata,
  type Sample,
  type TokenLogprob,
  type ToolDefinition,
  type Usage,
} from '../../core/index.ts';

const own = { noNullPrototype: true } as const;

/** Well-formed Unicode, now and then with what breaks careless code: NUL, quotes, astral characters. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('', '\u0000', 'a\u0000b', '"sha256"', '😀', 'line\nline', '\uFFFD'),
);

const key = fc.string({ minLength: 1, maxLength: 8 }).filter((each) => each !== '__proto__' && each !== 'toJSON');
const scalar = fc.oneof(fc.boolean(), fc.constant(null), fc.integer(), text);
export const jsonObject: fc.Arbitrary<JsonObject> = fc.dictionary(key, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), {
  maxKeys: 3,
  ...own,
});
const providerMetadata: fc.Arbitrary<ProviderMetadata> = fc.dictionary(fc.constantFrom('openai', 'anthropic'), jsonObject, {
  minKeys: 1,
  ...own,
});

const attachment: fc.Arbitrary<AttachmentPart> = fc.oneof(
  fc.record(
    { type: fc.constant('attachment' as const), mediaType: fc.constant('image/png'), data: base64(), name: text },
    { requiredKeys: ['type', 'mediaType', 'data'], ...own },
  ),
  fc.record({ type: fc.constant('attachment' as const), mediaType: fc.constant('image/png'), url: fc.webUrl() }, own),
);

/** Base64 short and long, and text that only looks like it. */
function base64(): fc.Arbitrary<string> {
  const bytes = fc.uint8Array({ maxLength: 20 });
  return fc.oneof(
    bytes.map((each) => Buffer.from(each).toString('base64')),
    bytes.map((each) => Buffer.concat([Buffer.alloc(300, 'x'), each]).toString('base64')),
    fc.constant(`${'ab'.repeat(200)}not base64!`),
  );
}

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text, providerMetadata }, { requiredKeys: ['type', 'text'], ...own }),
  fc.record(
    { type: fc.constant('reasoning' as const), text, redacted: fc.constant(true), providerMetadata },
    { requiredKeys: ['type', 'text'], ...own },
  ),
  fc.record({ type: fc.constant('refusal' as const), text }, own),
  fc.record(
    { type: fc.constant('tool-call' as const), id: text, name: text, arguments: text, providerMetadata },
    { requiredKeys: ['type', 'id', 'name', 'arguments'], ...own },
  ),
  fc.record(
    {
      type: fc.constant('tool-result' as const),
      toolCallId: text,
      name: text,
      output: text,
      isError: fc.boolean(),
      attachments: fc.array(attachment, { maxLength: 2 }),
    },
    { requiredKeys: ['type', 'toolCallId', 'output'], ...own },
  ),
  attachment,
);

const message: fc.Arbitrary<Message> = fc.record(
  {
    role: fc.constantFrom('system' as const, 'user' as const, 'assistant' as const, 'tool' as const),
    parts: fc.array(part, { maxLength: 3 }),
    name: text,
    providerMetadata,
  },
  { requiredKeys: ['role', 'parts'], ...own },
);

const tool: fc.Arbitrary<ToolDefinition> = fc.record(
  { name: text, description: text, parameters: jsonObject, strict: fc.boolean() },
  { requiredKeys: ['name', 'parameters'], ...own },
);

export const request: fc.Arbitrary<ModelRequest> = fc
  .record(
    {
      messages: fc.array(message, { maxLength: 4 }),
      options: jsonObject,
      tools: fc.array(tool, { maxLength: 2 }),
      toolChoice: fc.oneof(fc.constantFrom('auto' as const, 'none' as const), fc.record({ name: text }, own)),
      schema: jsonObject,
      samples: fc.integer({ min: 1, max: 4 }),
      sample: fc.nat(5),
    },
    { requiredKeys: ['messages', 'options'], ...own },
  )
  .map(createRequest);

const finish: fc.Arbitrary<Finish> = fc.record(
  {
    reason: fc.constantFrom(
      'stop' as const,
      'length' as const,
      'tool-calls' as const,
      'content-filter' as const,
      'error' as const,
      'other' as const,
    ),
    raw: text,
  },
  { requiredKeys: ['reason'], ...own },
);

const logprob: fc.Arbitrary<TokenLogprob> = fc.record(
  { token: text, logprob: fc.integer({ min: -100, max: 0 }), tokenId: fc.nat() },
  { requiredKeys: ['token', 'logprob'], ...own },
);

const sample: fc.Arbitrary<Sample> = fc.record(
  {
    message: fc.array(part, { minLength: 1, maxLength: 3 }).map((parts): Message => ({ role: 'assistant', parts })),
    finish,
    logprobs: fc.array(logprob, { maxLength: 3 }),
  },
  { requiredKeys: ['message'], ...own },
);

const count = fc.nat(1_000_000);
const usage: fc.Arbitrary<Usage> = fc.record(
  {
    inputTokens: count,
    outputTokens: count,
    cachedInputTokens: count,
    cacheWriteTokens: count,
    reasoningTokens: count,
    totalTokens: count,
    raw: jsonObject,
  },
  { requiredKeys: ['inputTokens'], ...own },
);

const error: fc.Arbitrary<ErrorInfo> = fc.record(
  {
    code: fc.constantFrom('server' as const, 'timeout' as const),
    message: fc.lorem(),
    retryable: fc.boolean(),
    status: count,
    data: jsonObject,
  },
  { requiredKeys: ['code', 'message', 'retryable'], ...own },
);

export const end: fc.Arbitrary<CallEnd> = fc.record(
  {
    status: fc.constantFrom('ok' as const, 'error' as const, 'aborted' as const),
    error,
    samples: fc.array(sample, { maxLength: 3 }),
    usage,
    responseId: text,
    resolvedModel: text,
    firstTokenMs: fc.nat(1e6).map((each) => each / 100),
    durationMs: fc.nat(1e6).map((each) => each / 100),
    attempts: fc.nat(5),
    costMicros: count,
    cachedFrom: text,
    chunks: fc.constantFrom('t5', 't1+3t4'),
  },
  { requiredKeys: ['status', 'samples', 'durationMs', 'attempts'], ...own },
);
