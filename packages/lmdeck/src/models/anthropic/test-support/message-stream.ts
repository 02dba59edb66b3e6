import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/index.ts';

/** Cuts a text into the pieces of its deltas. */
export type Cut = (text: string) => readonly string[];

/** An event of a stream. */
export function sse(data: JsonObject & { readonly type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The events with which the Messages API streams what it answers whole as `message`. */
export function messageStream(message: JsonObject, cut: Cut = (text) => [text]): string[] {
  const { content, stop_reason, stop_sequence, stop_details, usage, ...rest } = message;
  const counts = isJsonObject(usage) ? usage : {};
  const begun = { ...rest, content: [], stop_reason: null, stop_sequence: null, usage: { ...counts, output_tokens: 1 } };
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : [];
  return [
    sse({ type: 'message_start', message: begun }),
    sse({ type: 'ping' }),
    ...blocks.flatMap((block, index) => [
      sse({ type: 'content_block_start', index, content_block: emptied(block) }),
      ...deltas(block, cut).map((delta) => sse({ type: 'content_block_delta', index, delta })),
      sse({ type: 'content_block_stop', index }),
    ]),
    sse({
      type: 'message_delta',
      delta: { stop_reason, stop_sequence, stop_details },
      usage: { input_tokens: null, output_tokens: counts['output_tokens'] },
    }),
    sse({ type: 'message_stop' }),
  ];
}

/** What of a block grows; all else is there from the start, as results of the server's tools are. */
function emptied(block: JsonObject): JsonObject {
  const empty: Record<string, JsonValue> = {};
  for (const key of ['text', 'thinking', 'signature']) if (typeof block[key] === 'string') empty[key] = '';
  if (isJsonObject(block['input'])) empty['input'] = {};
  if (Array.isArray(block['citations'])) empty['citations'] = [];
  return { ...block, ...empty };
}

function deltas(block: JsonObject, cut: Cut): readonly JsonObject[] {
  const { text, thinking, signature, input, citations } = block;
  const all: JsonObject[] = [];
  if (typeof thinking === 'string') all.push(...cut(thinking).map((piece) => ({ type: 'thinking_delta', thinking: piece })));
  if (typeof signature === 'string') all.push({ type: 'signature_delta', signature });
  if (Array.isArray(citations)) all.push(...citations.map((citation: JsonValue) => ({ type: 'citations_delta', citation })));
  if (typeof text === 'string') all.push(...cut(text).map((piece) => ({ type: 'text_delta', text: piece })));
  if (isJsonObject(input) && Object.keys(input).length > 0)
    all.push(...['', ...cut(written(input))].map((piece) => ({ type: 'input_json_delta', partial_json: piece })));
  return all;
}

/** JSON as models write it: with spaces, and letters beyond ASCII in escapes. */
function written(value: JsonValue): string {
  return JSON.stringify(value, undefined, 1)
    .replaceAll('\n', ' ')
    .replaceAll(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
