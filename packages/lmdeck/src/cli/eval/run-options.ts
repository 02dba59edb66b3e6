import type { CommandOption } from '../args/command.ts';
import { taskOptions } from './task-options.ts';

/** Options of `lmdeck eval run`. Those of lm-evaluation-harness have its names; an underscore is as good as a dash. */
export const runOptions: readonly CommandOption[] = [
  {
    flags: '-t, --tasks <tasks>',
    description: 'Task files, folders of them, or names; several separated by commas',
    repeatable: true,
    completes: 'file',
  },
  ...taskOptions,
  { flags: '-m, -M, --model <id>', description: 'Model, by id, alias, end of an id, or path (env: LMDECK_MODEL)', completes: 'model' },
  {
    flags: '-a, --model-args <args>',
    description:
      'As in lm-evaluation-harness: model, base_url, num_concurrent, max_length, max_gen_toks, tokenizer, seed, timeout, max_retries, think_end_token, custom_prefix_token_id, add_bos_token',
    repeatable: true,
  },
  { flags: '-f, --num-fewshot <n>', description: 'Examples before each document, instead of what the tasks say' },
  { flags: '-L, --limit <n>', description: 'Only the first documents of each task: a number, or below 1 a share' },
  { flags: '-E, --samples <json>', description: 'Only these documents, by task: {"task": [0, 7]}' },
  { flags: '--gen-kwargs <args>', description: 'Generation options over those of the tasks: temperature=0.7,max_gen_toks=64' },
  { flags: '--system-instruction <text>', description: 'System prompt before the descriptions of tasks' },
  { flags: '--apply-chat-template [bool]', description: "Ask in the model's chat format instead of plain text" },
  {
    flags: '--fewshot-as-multiturn [bool]',
    description: 'Examples as turns of the chat (the default in a chat); false: all in one message',
  },
  {
    flags: '--chat-labels [n]',
    description:
      'For chat models that cannot score given text: choices by their labels (A, B, C) among the n likeliest first tokens of the answer (20); other numbers than log-likelihoods',
  },
  { flags: '--seed <n>', description: 'One seed for all, or four (python,numpy,torch,fewshot); the third one is for generation' },
  { flags: '--think-end <text>', description: 'What ends the thinking of a model that writes it into its answer, e.g. "</think>"' },
  { flags: '--max-length <tokens>', description: 'The most tokens of a prompt, instead of what the model says' },
  { flags: '--prefix-token <id>', description: "What stands before a text that nothing stands before, instead of the tokenizer's BOS" },
  { flags: '--truncate <how>', description: 'Prompts that are too long: left (cut there) or refuse', default: 'left' },
  {
    flags: '--tokenizer <path>',
    description: "Instead of the model's own: a tokenizer.json or its folder, an encoding, a URL, or a model",
    completes: 'file',
  },
  { flags: '--predict-only', description: 'Keep the answers and compute no metrics' },
  {
    flags: '-o, --output-path <path>',
    description: 'Also write the results here, as lm-evaluation-harness lays them out',
    completes: 'file',
  },
  { flags: '--log-samples', description: 'With --output-path: also the documents with their answers' },
  { flags: '--html <file>', description: 'Write a report with charts', completes: 'file' },
  { flags: '--json', description: 'Print the results as JSON' },
  { flags: '--write-out', description: 'Show the first prompt of every task' },
  { flags: '--check-integrity', description: 'Check all tasks before the first call' },
  { flags: '--bootstrap-iters <n>', description: 'Draws for standard errors', default: '100000' },
  { flags: '--concurrency <n>', description: 'Requests at once; log-likelihoods that go out in one batch are one', default: '16' },
  { flags: '--max-failures <n>', description: 'Documents that may fail before the run stops', default: '10' },
  { flags: '--new', description: 'Start a new run, although an unfinished one has these settings' },
  { flags: '--run <id>', description: 'Go on with this run; its settings need not be repeated' },
  { flags: '-d, --database <path>', description: 'Another tape', completes: 'file' },
  ...['--batch-size <n>', '--max-batch-size <n>', '--device <name>', '--verbosity <level>', '--cache-requests [how]'].map(hidden),
  ...['--trust-remote-code', '--confirm-run-unsafe-code', '--show-config'].map(hidden),
  ...['--use-cache <path>', '--config <path>', '--metadata <json>', '--wandb-args <args>', '--wandb-config-args <args>'].map(hidden),
  ...['--trackio-args <args>', '--hf-hub-log-args <args>'].map(hidden),
];

/** Options of lm-evaluation-harness that have no meaning here: noted and passed over. */
export const passedOver: Readonly<Record<string, string>> = {
  batchSize: '--batch_size is passed over: requests that are asked at once share batches where the server takes them (--concurrency).',
  maxBatchSize: '--max_batch_size is passed over.',
  device: '--device is passed over: the model runs where its server or plugin runs it.',
  verbosity: '--verbosity is passed over.',
  cacheRequests: '--cache_requests is passed over: prompts are built while the first ones are answered.',
  trustRemoteCode: '--trust_remote_code is passed over: no code is fetched.',
  confirmRunUnsafeCode: '--confirm_run_unsafe_code is passed over.',
  showConfig: '--show_config is passed over: --json prints everything.',
};

/** Options that would change what happens, and what to do instead. */
export const refused: Readonly<Record<string, string>> = {
  useCache: '--use_cache is not needed: every answer is on the tape, and an unfinished run takes them up again.',
  config: '--config cannot be read; give its settings as options.',
  metadata: '--metadata cannot be set here; write it into the task files.',
  wandbArgs: '--wandb_args: results are not sent anywhere; use --output_path or --json.',
  wandbConfigArgs: '--wandb_config_args: results are not sent anywhere; use --output_path or --json.',
  trackioArgs: '--trackio_args: results are not sent anywhere; use --output_path or --json.',
  hfHubLogArgs: '--hf_hub_log_args: results are not sent anywhere; use --output_path or --json.',
};

function hidden(flags: string): CommandOption {
  return { flags, description: 'Of lm-evaluation-harness', hidden: true };
}
