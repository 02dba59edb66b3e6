import { LmdeckError } from '../../core/index.ts';
import { pythonLstrip, type PythonValue } from '../../python/index.ts';

/**
 * The stop sequences of a request: what `until` says, and the text of the end token unless it is among them. As
 * `handle_stop_sequences` of lm-evaluation-harness; entries that are null say nothing and are left out.
 *
 * @throws LmdeckError `config` when `until` is neither text nor a list of texts.
 */
export function handleStopSequences(until: PythonValue, endToken?: string): string[] {
  const list = until === undefined || until === null ? [] : Array.isArray(until) ? until : [until];
  const stops: string[] = [];
  for (const stop of list) {
    if (stop === null || stop === undefined) continue;
    if (typeof stop !== 'string') throw new LmdeckError('config', `until: stop sequences must be text, not ${JSON.stringify(stop)}.`);
    stops.push(stop);
  }
  if (endToken !== undefined && !stops.includes(endToken)) stops.push(endToken);
  return stops;
}

/**
 * What of a generated text counts as the answer: what follows the last end of thinking (without the white space before it), up to the first
 * stop sequence. A text without `thinkEnd` is kept whole; whether its thinking was cut off is for the caller to tell from the finish
 * reason. As `postprocess_generated_text` of lm-evaluation-harness.
 */
export function answerText(generated: string, stops: readonly string[], thinkEnd?: string): string {
  let answer = generated;
  if (thinkEnd !== undefined && thinkEnd !== '') {
    const end = answer.lastIndexOf(thinkEnd);
    answer = pythonLstrip(end === -1 ? answer : answer.slice(end + thinkEnd.length));
  }
  for (const stop of stops) {
    const at = stop === '' ? -1 : answer.indexOf(stop);
    if (at !== -1) answer = answer.slice(0, at);
  }
  return answer;
}
