import { pythonJson, pythonStr, type PythonValue } from '../../python/index.ts';
import type { StoredSample } from '../results/stored-results.ts';
import { markup, type Html } from './html.ts';

/** Longer prompts are cut in the middle. */
const LONGEST = 8000;

/** A document that can be opened: what was asked, said and would have been right. */
export function sampleHtml(sample: StoredSample): Html {
  const { docId, target, filter, requests, answers, filtered, metrics, calls, error } = sample;
  const said = error === undefined ? valueText(filtered) : `${error.code}: ${error.message}`;
  const filterName = filter === undefined || filter === 'none' ? undefined : markup` <span class="dim">${filter}</span>`;
  const facts = Object.entries(metrics).map(([name, value]) => markup`<dt>${name}</dt><dd>${pythonStr(value)}</dd>`);
  return markup`<details><summary>Document ${docId}${filterName}: <span class="bad">${clip(said)}</span> <span class="dim">right: ${clip(target)}</span></summary><div>
${requests.map((request, i) => asked(request, answers[i], calls[i] ?? []))}<dl><dt>Right</dt><dd>${target}</dd>${facts}</dl>
</div></details>
`;
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
