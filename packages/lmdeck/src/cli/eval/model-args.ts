import { LmdeckError } from '../../core/index.ts';
import { parseArgumentString, pythonStr, type PythonValue } from '../../scoring/index.ts';
import type { EvalSettings } from './run-record.ts';

/** What `--model_args` say, in our words. */
export interface ModelArgs {
  readonly model?: string;
  readonly baseUrl?: string;
  readonly settings: Partial<EvalSettings>;
  readonly concurrency?: number;
  readonly timeoutSeconds?: number;
  /** Retries after the first attempt. */
  readonly retries?: number;
  /** What was passed over and why, as sentences. */
  readonly notes: readonly string[];
}

/** Arguments that are decided elsewhere here. */
const PASSED_OVER = new Set([
  'batch_size',
  'max_batch_size',
  'tokenizer_backend',
  'tokenized_requests',
  'trust_remote_code',
  'revision',
  'use_fast_tokenizer',
  'truncate',
  'max_images',
  'device',
  'dtype',
]);

/** Arguments that carry keys: on a command line others can read them. */
const SECRETS = new Set(['auth_token', 'api_key', 'header']);

/** Reads `--model_args` (`name=value,…`, or a JSON object). @throws LmdeckError `usage` */
export function modelArgs(texts: readonly string[]): ModelArgs {
  const given: Record<string, PythonValue> = Object.assign({}, ...texts.map(parsed));
  const result: { -readonly [K in keyof ModelArgs]: ModelArgs[K] } = { settings: {}, notes: [] };
  const settings: { -readonly [K in keyof EvalSettings]?: EvalSettings[K] } = {};
  const notes: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (SECRETS.has(name))
      throw new LmdeckError(
        'usage',
        `--model_args: ${name} would show your key to everybody who lists processes. Store it: lmdeck keys set, or use an environment variable.`,
      );
    switch (name) {
      case 'model':
      case 'pretrained':
        result.model = pythonStr(given['model'] ?? value);
        break;
      case 'base_url':
        // The harness wants the whole path, we the part that all paths begin with.
        result.baseUrl = pythonStr(value).replace(/\/(?:chat\/)?completions\/?$/, '');
        break;
      case 'num_concurrent':
        result.concurrency = whole(name, value, 1);
        break;
      case 'max_length':
        // One token less for the one that the harness lets the server generate, one less that its windows leave free.
        settings.maxLength = whole(name, value, 3) - 2;
        break;
      case 'max_gen_toks':
        settings.maxGenerationTokens = whole(name, value, 1);
        break;
      case 'seed':
        settings.seed = whole(name, value, 0);
        break;
      case 'think_end_token':
        settings.thinkEnd = pythonStr(value);
        break;
      case 'tokenizer':
        settings.tokenizer = pythonStr(value);
        break;
      case 'timeout':
        result.timeoutSeconds = whole(name, value, 1);
        break;
      case 'max_retries':
        // Theirs counts attempts.
        result.retries = Math.max(0, whole(name, value, 0) - 1);
        break;
      case 'custom_prefix_token_id':
        settings.prefixToken = whole(name, value, 0);
        break;
      case 'add_bos_token':
        settings.addBos = value === true;
        break;
      case 'verify_certificate':
      case 'ca_cert_path':
      case 'eos_string':
        throw new LmdeckError('usage', `--model_args: ${name} cannot be set here. ${insteadOf(name)}`);
      default:
        notes.push(
          PASSED_OVER.has(name)
            ? `model_args: ${name} is passed over: it is decided by the model and its endpoint.`
            : `model_args: ${name} is not known and is passed over.`,
        );
    }
  }
  return { ...result, settings, notes };
}

function parsed(text: string): Readonly<Record<string, PythonValue>> {
  if (!text.trimStart().startsWith('{')) return parseArgumentString(text);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    throw new LmdeckError('usage', `--model_args is no JSON: ${LmdeckError.from(error).message}`, { cause: error });
  }
}

function insteadOf(name: string): string {
  switch (name) {
    case 'verify_certificate':
    case 'ca_cert_path':
      return 'Set tls in endpoints.yaml.';
    default:
      return 'What ends an answer is said by the tasks (until).';
  }
}

function whole(name: string, value: PythonValue, minimum: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= minimum) return value;
  throw new LmdeckError('usage', `--model_args: ${name} takes a whole number of at least ${minimum}, not ${pythonStr(value)}.`);
}
