import { pythonJson, pythonStr, type PythonValue } from '../../python/index.ts';
import type { StoredSample } from '../results/stored-results.ts';
import { verdictOf } from '../results/verdict.ts';
import { markup, type Html } from './html.ts';

/** Longer prompts are cut in the middle. */
const LONGEST = 8000;

/** A document that can be opened: what was asked, said and would have been right. */
export function sampleHtml(sample: StoredSample): Html {
  const { docId, target, filter, filtered, metrics, error } = sample;
  const choices = choicesOf(sample);
  const said =
    error === undefined ? (choices?.find((choice) => choice.isChosen)?.text ?? valueText(filtered)) : `${error.code}: ${error.message}`;
  const right = choices?.find((choice) => choice.isRight)?.text ?? target;
  const filterName = filter === undefined || filter === 'none' ? undefined : markup` <span class="dim">${filter}</span>`;
  const facts = Object.entries(metrics).map(([name, value]) => markup`<dt>${name}</dt><dd>${pythonStr(value)}</dd>`);
  const verdict = verdictOf(sample);
  const answer = markup`<span class="${verdict === 'right' ? 'good' : verdict === 'unjudged' ? 'dim' : 'bad'}">${clip(said)}</span>`;
  const expected = verdict === 'wrong' || verdict === 'failed' ? markup` <span class="dim">right: ${clip(right)}</span>` : undefined;
  return markup`<details><summary>${docId}${filterName}: ${answer}${expected}</summary><div>
${choices === undefined ? askedOneByOne(sample) : askedForChoice(sample, choices)}<dl><dt>Right</dt><dd>${right}</dd>${facts}</dl>
</div></details>
`;
}

/** A choice of a question, with what the model gave it. */
interface Choice {
  readonly text: string;
  readonly logprob: number;
  readonly isChosen: boolean;
  readonly isRight: boolean;
}

/** The choices of a document whose requests are log-likelihoods after one context; nothing for any other. */
function choicesOf({ requests, filtered, target, error }: StoredSample): readonly Choice[] | undefined {
  const [first] = requests;
  if (error !== undefined || requests.length < 2 || requests.some(([context]) => context !== first?.[0])) return undefined;
  const texts = requests.flatMap(([, text]) => (typeof text === 'string' ? [text.trim()] : []));
  const logprobs = filtered.map((value) => Number(Array.isArray(value) ? value[0] : Number.NaN));
  if (texts.length !== requests.length || logprobs.length !== texts.length || logprobs.some(Number.isNaN)) return undefined;
  const best = logprobs.indexOf(Math.max(...logprobs));
  const right = texts.indexOf(target.trim()) === -1 ? Number(target) : texts.indexOf(target.trim());
  return texts.map((text, i) => ({ text, logprob: logprobs[i] ?? Number.NaN, isChosen: i === best, isRight: i === right }));
}

function askedForChoice({ requests, calls }: StoredSample, choices: readonly Choice[]): Html {
  const rows = choices.map(
    ({ text, logprob, isChosen, isRight }) =>
      markup`<tr><td>${isRight ? '✓' : ''}</td><td class="${isChosen ? (isRight ? 'good' : 'bad') : ''}">${text}</td><td class="n">${logprob.toFixed(3)}</td></tr>\n`,
  );
  const ids = [...new Set(calls.flat())];
  return markup`<pre>${shortened(pythonStr(requests[0]?.[0] ?? ''))}</pre>
<table><thead><tr><th></th><th>Choice</th><th class="n">log-likelihood</th></tr></thead><tbody>
${rows}</tbody></table>
${ids.length === 0 ? undefined : markup`<div class="dim">Calls: ${ids.map((id) => markup`<code>${id}</code> `)}</div>\n`}`;
}

function askedOneByOne({ requests, answers, calls }: StoredSample): readonly Html[] {
  return requests.map((request, i) => asked(request, answers[i], calls[i] ?? []));
}

function asked([first, second]: readonly PythonValue[], answer: PythonValue, calls: readonly string[]): Html {
  const continuation = typeof second === 'string' ? markup`<mark>${second}</mark>` : undefined;
  const said = answer === undefined ? undefined : markup`<div>Answer: <code>${valueText(answer)}</code></div>`;
  const links = calls.map((call) => markup`<div class="dim">Call: <code>lmdeck logs show ${call}</code></div>`);
  return markup`<pre>${shortened(pythonStr(first ?? ''))}${continuation}</pre>${said}${links}\n`;
}

function shortened(text: string): string {
  if (text.length <= LONGEST) return text;
  return `${text.slice(0, LONGEST / 2)}\n… ${text.length - LONGEST} characters …\n${text.slice(-LONGEST / 2)}`;
}

function valueText(value: PythonValue): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length === 1) return valueText(value[0]);
  return pythonJson(value, { ensureAscii: false });
}

function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
