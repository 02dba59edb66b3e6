import { sha256 } from '../../core/index.ts';
import { floatRepr, PythonFloat, pythonJson, pythonStr, type PythonValue } from '../../python/index.ts';
import type { Answered } from '../run/request-plan.ts';
import type { EvaluationSample, FilteredSample } from '../run/evaluation-result.ts';
import type { TaskContext, TaskRequest } from '../tasks/evaluation-task.ts';

/** The three hashes of a row: of the document, the first prompt and the target. */
export interface SampleHashes {
  readonly doc: string;
  readonly prompt: string;
  readonly target: string;
}

/** The hashes by which rows of different runs are matched; as lm-evaluation-harness makes them. */
export function sampleHashes({ doc, requests, target }: Pick<EvaluationSample, 'doc' | 'requests' | 'target'>): SampleHashes {
  return {
    doc: sha256(pythonJson(doc, { indent: 2, ensureAscii: false })),
    prompt: sha256(requests[0] === undefined ? '' : promptText(requests[0])),
    target: sha256(pythonStr(target)),
  };
}

/**
 * One row of `samples_<task>_<date>.jsonl`: a document, what was asked and answered, and what one filter made of it. The layout is that of
 * lm-evaluation-harness; `calls` is ours and names the calls on the tape, request by request, `metric_calls` those of judges.
 */
export function sampleLine(sample: EvaluationSample, filter: string, filtered: FilteredSample, hashes: SampleHashes): string {
  const { docId, doc, target, requests, answers } = sample;
  const row: Record<string, PythonValue> = {
    doc_id: docId,
    doc,
    target: pythonStr(target),
    arguments: Object.fromEntries(requests.map((request, i) => [`gen_args_${i}`, argumentsOf(request)])),
    resps: answers.map((list) => list.map(responseText)),
    filtered_resps: filtered.responses.map(filteredText),
    filter,
    metrics: Object.keys(filtered.metrics),
    doc_hash: hashes.doc,
    prompt_hash: hashes.prompt,
    target_hash: hashes.target,
    calls: answers.map((list) => list.flatMap((answered) => answered.calls)),
    ...(filtered.calls.length === 0 ? {} : { metric_calls: filtered.calls }),
    ...filtered.metrics,
  };
  return pythonJson(row, { ensureAscii: false });
}

/** A document that could not be answered: no metrics, but what is wrong. */
export function failedLine({ docId, doc, target, requests, error }: EvaluationSample, hashes: SampleHashes): string {
  return pythonJson(
    {
      doc_id: docId,
      doc,
      target: pythonStr(target),
      arguments: Object.fromEntries(requests.map((request, i) => [`gen_args_${i}`, argumentsOf(request)])),
      resps: [],
      filtered_resps: [],
      filter: null,
      metrics: [],
      doc_hash: hashes.doc,
      prompt_hash: hashes.prompt,
      target_hash: hashes.target,
      error: error === undefined ? null : { code: error.code, message: error.message },
    },
    { ensureAscii: false },
  );
}

/** A context as one text: turns as the JSON of their messages. */
function contextText(context: TaskContext): string {
  if (typeof context === 'string') return context;
  return pythonJson(
    context.map(({ role, content }) => ({ role, content })),
    { ensureAscii: false },
  );
}

function promptText(request: TaskRequest): string {
  return request.type === 'loglikelihood_rolling' ? request.text : contextText(request.context);
}

function argumentsOf(request: TaskRequest): PythonValue {
  switch (request.type) {
    case 'loglikelihood':
      return { arg_0: contextText(request.context), arg_1: request.continuation };
    case 'loglikelihood_rolling':
      return { arg_0: request.text };
    default:
      return { arg_0: contextText(request.context), arg_1: request.generation };
  }
}

function responseText({ response }: Answered): PythonValue {
  return filteredText(response);
}

/** Everything as text, as the harness writes it: numbers by their digits, booleans as Python's words. */
function filteredText(value: unknown): PythonValue {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? floatRepr(value) : pythonStr(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof PythonFloat) return floatRepr(value.value);
  if (Array.isArray(value)) return value.map(filteredText);
  if (typeof value === 'object' && value !== null && 'logprob' in value && 'isGreedy' in value)
    return [filteredText(value.logprob), filteredText(value.isGreedy)];
  return value === null || value === undefined ? 'None' : JSON.stringify(value);
}
