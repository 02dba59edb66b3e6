import { isJsonObject, LmdeckError, type JsonObject, type JsonValue, type ModelEvent } from '../../core/index.ts';

interface OpenCall {
  readonly index: number;
  readonly wireIndex: number | undefined;
  id: string;
  name: string;
  started: boolean;
  /** Arguments that came before the call could be announced. */
  pending: string;
  /** The last piece of arguments that was not empty. */
  lastPiece: string;
  extra: Map<string, JsonValue> | undefined;
}

/**
 * Puts the tool calls of one sample together, whatever way the server cuts them: an id once or on every delta, a name once
 * or on every delta, no index (Mistral), index 0 for all calls (Ollama), arguments in pieces, whole, as an object or never.
 */
export class ToolCallDecoder {
  readonly #endpoint: string;
  readonly #sample: number;
  readonly #turn: number;
  readonly #calls: OpenCall[] = [];
  #last: OpenCall | undefined;

  /** @param turn how many messages came before this answer: makes ids for servers that send none. */
  constructor(endpoint: string, sample: number, turn: number) {
    this.#endpoint = endpoint;
    this.#sample = sample;
    this.#turn = turn;
  }

  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  /** The `tool_calls` of a delta or message. */
  push(entries: JsonValue, out: ModelEvent[]): void {
    if (!Array.isArray(entries)) return;
    for (const entry of entries) if (isJsonObject(entry)) this.#entry(entry, out);
  }

  /** The `function_call` of servers from before `tool_calls`: one call, without an id. */
  pushFunctionCall(call: JsonValue, out: ModelEvent[]): void {
    if (isJsonObject(call)) this.#take(-1, '', call, undefined, out);
  }

  /**
   * No more deltas come. When the answer is complete, so are the calls; an answer that broke off leaves them open.
   * @returns what is wrong with the calls of a complete answer.
   */
  end(out: ModelEvent[], complete: boolean): LmdeckError | undefined {
    let unnamed = false;
    for (const call of this.#calls) {
      if (call.name === '') {
        unnamed = true;
        continue;
      }
      if (!call.started) this.#start(call, out);
      if (!complete) continue;
      const end = { type: 'tool-call-end', index: call.index, ...this.#ofSample() } as const;
      out.push(call.extra === undefined ? end : { ...end, providerMetadata: { [this.#endpoint]: Object.fromEntries(call.extra) } });
    }
    if (!unnamed) return undefined;
    return new LmdeckError('invalid-response', `${this.#endpoint}: the model called a tool without saying which one.`);
  }

  #entry(entry: JsonObject, out: ModelEvent[]): void {
    let wireIndex: number | undefined;
    let id = '';
    let call: JsonObject | undefined;
    let extra: Map<string, JsonValue> | undefined;
    for (const key in entry) {
      const value = entry[key];
      if (value === null || value === undefined) continue;
      switch (key) {
        case 'index':
          if (typeof value === 'number') wireIndex = value;
          break;
        case 'id':
          id = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
          break;
        case 'function':
          if (isJsonObject(value)) call = value;
          break;
        case 'type':
          break;
        default:
          (extra ??= new Map<string, JsonValue>()).set(key, value);
      }
    }
    this.#take(wireIndex, id, call, extra, out);
  }

  #take(
    wireIndex: number | undefined,
    id: string,
    from: JsonObject | undefined,
    extra: Map<string, JsonValue> | undefined,
    out: ModelEvent[],
  ): void {
    const name = typeof from?.['name'] === 'string' ? from['name'] : '';
    const piece = argumentsText(from?.['arguments']);
    const known = this.#find(wireIndex, id, name, piece);
    const call = known ?? this.#open(wireIndex);
    this.#last = call;
    if (call.id === '') call.id = id;
    if (call.name === '') call.name = name;
    if (extra !== undefined) call.extra = call.extra === undefined ? extra : new Map([...call.extra, ...extra]);
    // A call that has no id by its second delta gets none any more.
    if (!call.started && call.name !== '' && (call.id !== '' || known !== undefined)) this.#start(call, out);
    if (piece === '') return;
    call.lastPiece = piece;
    if (call.started) this.#delta(call, piece, out);
    else call.pending += piece;
  }

  /** The call that a delta belongs to; `undefined` when it begins a new one. */
  #find(wireIndex: number | undefined, id: string, name: string, piece: string): OpenCall | undefined {
    const last = this.#last;
    if (id === '' && name === '' && last !== undefined && (wireIndex === undefined || wireIndex === last.wireIndex)) return last;
    if (id !== '') {
      const same = this.#calls.findLast((call) => call.id === id);
      if (same !== undefined) return same;
    }
    if (wireIndex === undefined) return name === '' ? last : undefined;
    const known = this.#calls.findLast((call) => call.wireIndex === wireIndex);
    if (known === undefined || name === '') return known;
    // Ollama gives every parallel call the index 0: another id with another name tells them apart, or arguments that begin again.
    if (id !== '' && known.id !== '') return undefined;
    return id === '' && known.lastPiece.trimEnd().endsWith('}') && piece.trimStart().startsWith('{') ? undefined : known;
  }

  #open(wireIndex: number | undefined): OpenCall {
    const index = this.#calls.length;
    const call: OpenCall = { index, wireIndex, id: '', name: '', started: false, pending: '', lastPiece: '', extra: undefined };
    this.#calls.push(call);
    return call;
  }

  #start(call: OpenCall, out: ModelEvent[]): void {
    call.started = true;
    if (call.id === '') call.id = missingId(this.#turn, call.index);
    out.push({ type: 'tool-call-start', index: call.index, id: call.id, name: call.name, ...this.#ofSample() });
    if (call.pending === '') return;
    this.#delta(call, call.pending, out);
    call.pending = '';
  }

  #delta(call: OpenCall, piece: string, out: ModelEvent[]): void {
    const sample = this.#sample;
    out.push(
      sample === 0
        ? { type: 'tool-call-delta', index: call.index, arguments: piece }
        : { type: 'tool-call-delta', index: call.index, arguments: piece, sample },
    );
  }

  #ofSample(): { readonly sample?: number } {
    return this.#sample === 0 ? {} : { sample: this.#sample };
  }
}

/**
 * An id for a call that came without one. It depends only on the place in the conversation, so that asking again gives the
 * same messages and so the same request keys; nine letters and digits, because Mistral's models take nothing else.
 */
function missingId(turn: number, index: number): string {
  return `call${turn.toString(36).padStart(3, '0')}${index.toString(36).padStart(2, '0')}`;
}

function argumentsText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
