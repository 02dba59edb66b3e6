import {
  createRequest,
  isJsonObject,
  LmdeckError,
  system as systemMessage,
  user,
  type JsonObject,
  type JsonSchema,
  type JsonValue,
  type Message,
  type ModelRequestInput,
} from '../../core/index.ts';
import { parseSchemaInput } from '../../schema/index.ts';
import type { BatchRow, MalformedRow } from '../batch-row.ts';
import { placeOf, type RowSource, type SourceRow } from '../sources/row-source.ts';
import { chatMessages, fromChatBody } from './chat-body.ts';
import { Occurrences } from './occurrences.ts';
import type { PromptTemplate } from './prompt-template.ts';
import { textHash, type TextHash } from './text-hash.ts';

/** How rows become requests. */
export interface RowSettings {
  /** Makes the prompt out of the columns. */
  readonly template?: PromptTemplate | undefined;
  /** For rows that have no system message of their own; a template too. */
  readonly system?: PromptTemplate | undefined;
  /** Options of every row; those of a row come before them. */
  readonly options?: JsonObject | undefined;
  readonly schema?: JsonSchema | undefined;
  readonly samples?: number | undefined;
  /** Whether the columns `options`, `schema`, `samples`, `system` and `model` are settings of the row. Default: yes, without a template. */
  readonly rowSettings?: boolean | undefined;
  /** Whether the model that a batch line of OpenAI names is the one to ask. Default: no. */
  readonly lineModels?: boolean | undefined;
}

/** A row that was read, and what identifies it. */
export interface ReadRow {
  readonly row: BatchRow | MalformedRow;
  /** Tells rows that ask the same thing; absent for one that is malformed. */
  readonly hash?: TextHash;
  /** Of the id of a batch line. */
  readonly idHash?: TextHash;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Understands rows, in their order. Rows that ask the same thing become separate draws. */
export class RowReader {
  readonly #source: Pick<RowSource, 'name' | 'places'>;
  readonly #settings: RowSettings;
  readonly #rowSettings: boolean;
  readonly #asked = new Occurrences();
  readonly #ids = new Occurrences();
  /** How many like them came before rows that are read a second time. */
  readonly #known = new Map<number, { readonly asked: number; readonly ids: number }>();

  constructor(source: Pick<RowSource, 'name' | 'places'>, settings: RowSettings) {
    this.#source = source;
    this.#settings = settings;
    this.#rowSettings = settings.rowSettings ?? settings.template === undefined;
  }

  /** Counts a row that was read in an earlier process; one that will be read again keeps its count. */
  know(index: number, hash: TextHash | undefined, idHash: TextHash | undefined, isReadAgain: boolean): void {
    const asked = hash === undefined ? 0 : this.#asked.add(hash);
    const ids = idHash === undefined ? 0 : this.#ids.add(idHash);
    if (isReadAgain) this.#known.set(index, { asked, ids });
  }

  read(row: SourceRow): ReadRow {
    const place = placeOf(this.#source, row);
    const { index } = row;
    if (row.problem !== undefined || row.content === undefined)
      return { row: malformed(index, String(index), place, row.problem ?? 'the row is empty') };
    const input: JsonObject = typeof row.content === 'string' ? { text: row.content } : row.content;
    const given = input['custom_id'] ?? input['id'];
    // An empty cell of a CSV file says nothing.
    const id = (typeof given === 'string' && given !== '') || typeof given === 'number' ? String(given) : String(index);
    const isLine = isBatchLine(input);
    const idHash = isLine ? textHash(id) : undefined;
    const known = this.#known.get(index);
    if (idHash !== undefined && (known?.ids ?? this.#ids.add(idHash)) > 0)
      return { row: malformed(index, id, place, `the custom_id "${id}" occurs before`), idHash };
    try {
      const { model, ...request } = isLine ? this.#line(input) : this.#row(input);
      const asked = createRequest(request);
      const hash = textHash(JSON.stringify([model ?? 0, asked]));
      const before = known?.asked ?? this.#asked.add(hash);
      const samples = asked.samples ?? 1;
      const own: BatchRow = {
        index,
        id,
        place,
        input,
        request: before === 0 ? asked : createRequest({ ...request, sample: before * samples }),
        ...(model === undefined ? {} : { model }),
      };
      return { row: own, hash, ...(idHash === undefined ? {} : { idHash }) };
    } catch (error) {
      return {
        row: malformed(index, id, place, error instanceof Error ? error.message : String(error)),
        ...(idHash === undefined ? {} : { idHash }),
      };
    }
  }

  #line(input: JsonObject): ModelRequestInput & { readonly model?: string } {
    const { body, url } = input;
    if (url !== undefined && typeof url === 'string' && !url.endsWith('/chat/completions'))
      throw new Error(`rows for ${url} cannot be asked: only those for /v1/chat/completions`);
    if (!isJsonObject(body)) throw new Error('body is no object');
    const request: Writable<ModelRequestInput> = fromChatBody(body);
    request.options = { ...this.#settings.options, ...request.options };
    request.schema ??= this.#settings.schema;
    request.samples ??= this.#settings.samples;
    const model = this.#settings.lineModels === true && typeof body['model'] === 'string' ? { model: body['model'] } : {};
    return { ...request, ...model };
  }

  #row(input: JsonObject): ModelRequestInput & { readonly model?: string } {
    const { template, system, options, schema, samples } = this.#settings;
    const own = this.#rowSettings ? settingsOf(input) : {};
    const messages: Message[] = template === undefined ? [...rowMessages(input)] : [user(template.render(input))];
    const lead = own.system ?? system?.render(input);
    if (lead !== undefined && messages[0]?.role !== 'system') messages.unshift(systemMessage(lead));
    return {
      messages,
      options: own.options === undefined ? options : { ...options, ...own.options },
      schema: own.schema ?? schema,
      samples: own.samples ?? samples,
      ...(own.model === undefined ? {} : { model: own.model }),
    };
  }
}

function malformed(index: number, id: string, place: string, problem: string): MalformedRow {
  return { index, id, place, error: new LmdeckError('invalid-request', `${place}: ${problem}.`).toInfo() };
}

/** True for a line of OpenAI's batch format. */
export function isBatchLine(input: JsonObject): boolean {
  return input['custom_id'] !== undefined && (input['body'] !== undefined || input['url'] !== undefined);
}

function rowMessages(input: JsonObject): readonly Message[] {
  if (input['messages'] !== undefined)
    return chatMessages(typeof input['messages'] === 'string' ? parsed(input['messages'], 'messages') : input['messages']);
  const name = input['prompt'] === undefined || input['prompt'] === null ? 'text' : 'prompt';
  const text = input[name];
  if (typeof text === 'string') return [user(text)];
  if (text !== undefined) throw new Error(`its ${name} is no text: ${JSON.stringify(text).slice(0, 60)}`);
  throw new Error(
    `it has no prompt, text or messages (${Object.keys(input).join(', ')}): say with a template what to ask, --template '… {{ column }} …'`,
  );
}

interface OwnSettings {
  readonly system?: string;
  readonly options?: JsonObject;
  readonly schema?: JsonSchema;
  readonly samples?: number;
  readonly model?: string;
}

/** Settings of a row; in CSV they are JSON text. @throws Error */
function settingsOf(input: JsonObject): OwnSettings {
  const own: Writable<OwnSettings> = {};
  const { system, options, schema, samples, model } = input;
  if (isGiven(system)) own.system = text(system, 'system');
  if (isGiven(model)) own.model = text(model, 'model');
  if (isGiven(options)) {
    const value = typeof options === 'string' ? parsed(options, 'options') : options;
    if (!isJsonObject(value)) throw new Error('its options are no object');
    own.options = value;
  }
  if (isGiven(schema)) {
    if (!isJsonObject(schema) && typeof schema !== 'string') throw new Error('its schema is no JSON Schema');
    own.schema = isJsonObject(schema) ? schema : parseSchemaInput(schema);
  }
  if (isGiven(samples)) {
    const count = Number(samples);
    if (!Number.isInteger(count) || count < 1)
      throw new Error(`its samples must be a whole number of at least 1, not ${JSON.stringify(samples)}`);
    own.samples = count;
  }
  return own;
}

/** An empty cell of a CSV file says nothing. */
function isGiven(value: JsonValue | undefined): value is Exclude<JsonValue, null> {
  return value !== undefined && value !== null && value !== '';
}

function text(value: JsonValue, name: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`its ${name} is no text`);
}

function parsed(json: string, name: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(json);
    return value;
  } catch (error) {
    throw new Error(
      `its ${name} are not JSON, ${JSON.stringify(json.slice(0, 40))}: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}
