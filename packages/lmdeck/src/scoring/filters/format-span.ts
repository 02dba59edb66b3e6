import { pythonRegex, pythonRegexEscape, pythonRstrip, pythonStrip } from '../../python/index.ts';
import { eachText, type Filter } from './filter.ts';

/** The names that models give to kinds of entities, and the kind. In this order: a rewritten label is in upper case and not found again. */
const labels: readonly (readonly [name: string, label: string])[] = [
  ['person', 'PER'],
  ['location', 'LOC'],
  ['organization', 'ORG'],
  ['counties', 'LOC'],
  ['places', 'LOC'],
  ['people', 'PER'],
  ['persons', 'PER'],
  ['company', 'ORG'],
  ['country', 'LOC'],
  ['continent', 'LOC'],
  ['time', 'DATE'],
  ['date', 'DATE'],
  ['per', 'PER'],
  ['loc', 'LOC'],
  ['org', 'ORG'],
];

/** Named entities in one form, `per: george $ loc: kenya`, all in lower case. As the filter `format_span` of lm-evaluation-harness. */
export function formatSpan(): Filter {
  const rewrites = labels.map(([name, label]) => [pythonRegex(String.raw`\b${pythonRegexEscape(name)}\s*:`), `${label}:`] as const);
  const entities = pythonRegex(String.raw`\b(PER|LOC|ORG|DATE):\s*([^$]+)`);
  return eachText('format_span', (answer) => {
    const labelled = rewrites.reduce((text, [regex, label]) => regex.sub(label, text), answer.toLowerCase());
    const separated = pythonRstrip(
      labelled.replaceAll('$$', () => '$'),
      '$',
    );
    const found = entities.findall(pythonStrip(separated.replaceAll('\n', () => '$')));
    return found
      .flatMap((match) => {
        const [label = '', values = ''] = match;
        return values.split(',').map((value) => [label.toLowerCase(), pythonStrip(value)] as const);
      })
      .filter(([, value]) => value.toLowerCase() !== 'none')
      .map(([label, value]) => `${label}: ${value}`)
      .join(' $ ');
  });
}
