import { didYouMean, LmdeckError } from '../../core/index.ts';
import { pythonStrip } from '../../python/index.ts';
import { eachText, SettingsReader, type Document, type Filter, type FilterItem, type FilterSettings } from './filter.ts';
import { formatSpan } from './format-span.ts';
import { multiChoiceRegexFilter } from './multi-choice-regex.ts';
import { defaultFallback, defaultPattern, regexFilter, regexPosFilter } from './regex-filter.ts';
import { majorityVote, mapAnswers, takeFirst, takeFirstK } from './selection.ts';

/** One step of a filter pipeline: a filter by name with its settings, or a function. */
export type FilterStep = (FilterSettings & { readonly function: string }) | Filter;

/** A named sequence of filters, as in `filter_list` of a task file. */
export interface FilterPipelineDefinition {
  readonly name: string;
  readonly filter: readonly FilterStep[];
}

/** A sequence of filters, ready to use. */
export interface FilterPipeline {
  readonly name: string;
  /** What is left of each document's answers; usually one value per document. */
  apply(answers: readonly (readonly FilterItem[])[], documents: readonly Document[]): readonly FilterItem[];
}

/** What a task without `filter_list` has. */
export const defaultFilters: readonly FilterPipelineDefinition[] = [{ name: 'none', filter: [{ function: 'take_first' }] }];

/** Filters by their names in task files, with the settings that lm-evaluation-harness has for them. */
const filters: Readonly<Record<string, (settings: SettingsReader) => Filter>> = {
  custom: (settings) => customFilter(settings.value('filter_fn')),
  format_span: () => formatSpan(),
  lowercase: () => eachText('lowercase', (text) => text.toLowerCase()),
  majority_vote: () => majorityVote(),
  map: (settings) => mapAnswers(mappingOf(settings.value('mapping_dict')), settings.value('default_value')),
  multi_choice_regex: (settings) =>
    multiChoiceRegexFilter({
      ...regexOptions(settings),
      ignoreCase: settings.flag('ignore_case'),
      ignorePunctuation: settings.flag('ignore_punctuation'),
      regexesToIgnore: settings.texts('regexes_to_ignore'),
    }),
  regex: (settings) => regexFilter(regexOptions(settings)),
  regex_pos: (settings) => {
    settings.text('regex_pattern', '');
    settings.wholeNumber('group_select', 0);
    return regexPosFilter(settings.value('fallback') ?? undefined);
  },
  remove_whitespace: () => eachText('remove_whitespace', (text) => pythonStrip(text)),
  take_first: () => takeFirst(),
  take_first_k: (settings) => takeFirstK(settings.wholeNumber('k')),
  uppercase: () => eachText('uppercase', (text) => text.toUpperCase()),
};

/**
 * Builds the filters of one entry of `filter_list`.
 *
 * @throws LmdeckError `config` for a filter or setting that does not exist, or a regular expression that is wrong.
 *
 * @example
 * ```ts
 * import { filterPipeline } from 'lmdeck/scoring';
 *
 * const strict = filterPipeline({ name: 'strict-match', filter: [{ function: 'regex', regex_pattern: '#### (-?[0-9.,]+)' }, { function: 'take_first' }] });
 * console.log(strict.apply([['6 * 7 makes\n#### 42']], [{}])); // [ '42' ]
 * ```
 */
export function filterPipeline(definition: FilterPipelineDefinition): FilterPipeline {
  const steps = definition.filter.map((step) => (typeof step === 'function' ? step : namedFilter(step)));
  return {
    name: definition.name,
    apply: (answers, documents) => {
      let lists = answers;
      for (const [i, step] of steps.entries()) {
        const filtered = step(lists, documents);
        if (i === steps.length - 1) return filtered;
        lists = filtered.map((list) => asList(list, definition, i));
      }
      return lists;
    },
  };
}

function namedFilter({ function: name, ...settings }: FilterSettings & { readonly function: string }): Filter {
  const make = filters[name];
  if (make === undefined)
    throw new LmdeckError('config', `filter_list: there is no filter "${name}".${didYouMean(name, Object.keys(filters))}`);
  const reader = new SettingsReader(name, settings);
  const filter = make(reader);
  reader.finish();
  return filter;
}

function asList(list: FilterItem, definition: FilterPipelineDefinition, step: number): readonly FilterItem[] {
  if (Array.isArray(list)) return list;
  const next = definition.filter[step + 1];
  const name = next === undefined || typeof next === 'function' ? 'the next filter' : next.function;
  throw new LmdeckError(
    'config',
    `filter_list "${definition.name}": ${name} takes lists of answers, but the filter before it has left one answer per document; put that one last.`,
  );
}

function regexOptions(settings: SettingsReader): { readonly pattern: string; readonly groupSelect: number; readonly fallback: string } {
  return {
    pattern: settings.text('regex_pattern', defaultPattern),
    groupSelect: settings.wholeNumber('group_select', 0),
    fallback: settings.text('fallback', defaultFallback),
  };
}

function customFilter(filter: unknown): Filter {
  if (isFilter(filter)) return filter;
  throw new LmdeckError('config', 'filter custom: filter_fn must be a function (answers, documents) => answers.');
}

function isFilter(value: unknown): value is Filter {
  return typeof value === 'function';
}

function mappingOf(mapping: unknown): ReadonlyMap<unknown, unknown> {
  if (mapping === undefined || mapping === null) return new Map();
  if (mapping instanceof Map) return mapping;
  if (typeof mapping === 'object' && !Array.isArray(mapping)) return new Map(Object.entries(mapping));
  throw new LmdeckError('config', `filter map: mapping_dict must be a mapping, not ${JSON.stringify(mapping)}.`);
}
