import { pythonJson, pythonStr, type PythonValue, type StoredSample } from '../../scoring/index.ts';

/** One document of a run in Markdown: what was asked, answered and made of it, with the ids of the calls. */
export function sampleMarkdown(task: string, sample: StoredSample): string {
  const { docId, doc, target, filter, requests, answers, filtered, metrics, calls, error } = sample;
  const parts = [
    `# ${task}, document ${docId}${filter === undefined || filter === 'none' ? '' : `, filter ${filter}`}`,
    fenced('json', pythonJson(doc, { indent: 2, ensureAscii: false })),
    `Target: ${target}`,
    ...(error === undefined ? [] : [`Failed: ${error.code}: ${error.message}`]),
    ...requests.flatMap((request, i) => [
      `## Request ${i + 1}`,
      fenced('text', requestOf(request)),
      ...settingsOf(request),
      ...(answers[i] === undefined ? [] : [`Answer: ${valueText(answers[i])}`]),
      ...(calls[i] ?? []).map((call) => `Call: lmdeck logs show ${call}`),
    ]),
    ...(error === undefined
      ? [
          '## Metrics',
          [
            `- after the filter: ${valueText(filtered)}`,
            ...Object.entries(metrics).map(([name, value]) => `- ${name}: ${pythonStr(value)}`),
          ].join('\n'),
        ]
      : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The prompt, and what is scored after it in ⟦ ⟧. */
function requestOf([first, second]: readonly PythonValue[]): string {
  const context = pythonStr(first ?? '');
  return typeof second === 'string' ? `${context}⟦${second}⟧` : context;
}

function settingsOf([, second]: readonly PythonValue[]): readonly string[] {
  return second === undefined || typeof second === 'string' ? [] : [`Options: ${pythonJson(second, { ensureAscii: false })}`];
}

function fenced(language: string, text: string): string {
  // Longer than any fence inside.
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function valueText(value: PythonValue): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length === 1) return valueText(value[0]);
  return pythonJson(value, { ensureAscii: false });
}
