import {
  createRequest,
  didYouMean,
  LmdeckError,
  type Message,
  type Model,
  type ModelRequest,
  type Part,
  requestKey,
} from '../core/index.ts';

/**
 * A part of a request that need not agree: `model`, `endpoint`, `revision`; `options` (all of them) or `options.NAME` (one); `tools` (with
 * the tool choice); `schema`; `samples` (how many, and the index of the first); `system` (system messages); `whitespace` (in texts any
 * run of white space counts as one space, and none at their ends); `metadata` (what providers want back: signatures, item ids);
 * `tool-call-ids` (ids of tool calls and of their results).
 */
export type Relaxation =
  | 'model'
  | 'endpoint'
  | 'revision'
  | 'options'
  | `options.${string}`
  | 'tools'
  | 'schema'
  | 'samples'
  | 'system'
  | 'whitespace'
  | 'metadata'
  | 'tool-call-ids';

const RELAXATIONS: readonly Relaxation[] = [
  'model',
  'endpoint',
  'revision',
  'options',
  'tools',
  'schema',
  'samples',
  'system',
  'whitespace',
  'metadata',
  'tool-call-ids',
];

const MESSAGE_RELAXATIONS: readonly Relaxation[] = ['system', 'whitespace', 'metadata', 'tool-call-ids'];

/** What of a request counts. */
export interface Matching {
  readonly relax?: readonly Relaxation[] | undefined;
  readonly normalize?: ((request: ModelRequest) => ModelRequest) | undefined;
}

/** Which model a request goes to. */
export type ModelIdentity = Pick<Model, 'id'> & { readonly endpoint?: string | undefined; readonly revision?: string | undefined };

/** Requests by what of them counts. */
export class ReplayKey {
  /** True when every part counts: then a key is the request key itself. */
  readonly isExact: boolean;
  readonly #relaxed: ReadonlySet<string>;
  /** Names of the options that do not count. */
  readonly #options: ReadonlySet<string>;
  readonly #normalize: Matching['normalize'];
  readonly #rewritesMessages: boolean;

  /** @throws LmdeckError `usage` for a relaxation that there is not. */
  constructor({ relax = [], normalize }: Matching) {
    for (const each of relax) checkRelaxation(each);
    this.#relaxed = new Set(relax);
    this.#options = new Set(relax.filter((each) => each.startsWith(OPTION)).map((each) => each.slice(OPTION.length)));
    this.#normalize = normalize;
    this.#rewritesMessages = normalize !== undefined || MESSAGE_RELAXATIONS.some((each) => this.#relaxed.has(each));
    this.isExact = relax.length === 0 && normalize === undefined;
  }

  /**
   * The key under which a request is found.
   * @param promptHash the chain hash of its last message: where messages are not rewritten they are then not even read.
   */
  of(model: ModelIdentity, request: ModelRequest, promptHash: string | undefined): string {
    const { id, endpoint, revision } = this.identity(model);
    const identity = { id, ...(endpoint === undefined ? {} : { endpoint }), ...(revision === undefined ? {} : { revision }) };
    if (this.#rewritesMessages || promptHash === undefined) return requestKey(identity, this.request(request));
    return requestKey(identity, { ...this.#fields(request), messages: [] }, promptHash);
  }

  /** The model as far as it counts. */
  identity({ id, endpoint, revision }: ModelIdentity): ModelIdentity {
    return {
      id: this.#relaxed.has('model') ? '' : id,
      endpoint: this.#relaxed.has('endpoint') ? undefined : endpoint,
      revision: this.#relaxed.has('revision') ? undefined : revision,
    };
  }

  /** The request as far as it counts. */
  request(given: ModelRequest): ModelRequest {
    if (this.isExact) return given;
    const request = this.#normalize === undefined ? given : this.#normalize(given);
    return createRequest({ ...this.#fields(request), messages: this.#messages(request.messages) });
  }

  #fields(request: ModelRequest): Omit<ModelRequest, 'messages'> {
    const { options, tools, toolChoice, schema, samples, sample, continuation } = request;
    const has = (each: Relaxation): boolean => this.#relaxed.has(each);
    return {
      options: has('options') ? {} : Object.fromEntries(Object.entries(options).filter(([name]) => !this.#options.has(name))),
      ...(continuation === undefined ? {} : { continuation }),
      ...(has('tools') || tools === undefined ? {} : { tools }),
      ...(has('tools') || toolChoice === undefined ? {} : { toolChoice }),
      ...(has('schema') || schema === undefined ? {} : { schema }),
      ...(has('samples') || samples === undefined ? {} : { samples }),
      ...(has('samples') || sample === undefined ? {} : { sample }),
    };
  }

  #messages(messages: readonly Message[]): readonly Message[] {
    const has = (each: Relaxation): boolean => this.#relaxed.has(each);
    let result = has('system') ? messages.filter(({ role }) => role !== 'system') : messages;
    if (has('whitespace')) result = result.map((message) => ({ ...message, parts: message.parts.map(withSingleSpaces) }));
    if (has('metadata')) result = result.map(withoutMetadata);
    return has('tool-call-ids') ? withNumberedCalls(result) : result;
  }
}

const OPTION = 'options.';

function checkRelaxation(name: string): void {
  if (RELAXATIONS.some((each) => each === name) || (name.startsWith(OPTION) && name.length > OPTION.length)) return;
  throw new LmdeckError(
    'usage',
    `replay: there is no relaxation ${JSON.stringify(name)}.${didYouMean(name, RELAXATIONS)} There are ${RELAXATIONS.join(', ')} and options.NAME for one option.`,
  );
}

function single(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function withSingleSpaces(part: Part): Part {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return { ...part, text: single(part.text) };
    case 'tool-call':
      return { ...part, arguments: single(part.arguments) };
    case 'tool-result':
      return { ...part, output: single(part.output) };
    default:
      return part;
  }
}

function withoutMetadata({ providerMetadata: _data, ...message }: Message): Message {
  return { ...message, parts: message.parts.map(({ providerMetadata: _more, ...part }) => part) };
}

/** Calls of tools by their place in the history instead of the ids that the provider makes up. */
function withNumberedCalls(messages: readonly Message[]): readonly Message[] {
  const numbers = new Map<string, string>();
  const numbered = (id: string): string => {
    const known = numbers.get(id) ?? `${numbers.size + 1}`;
    numbers.set(id, known);
    return known;
  };
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => {
      if (part.type === 'tool-call') return { ...part, id: numbered(part.id) };
      return part.type === 'tool-result' ? { ...part, toolCallId: numbered(part.toolCallId) } : part;
    }),
  }));
}
