export {
  bootstrapInterval,
  meanInterval,
  wilsonInterval,
  type ConfidenceInterval,
  type IntervalOptions,
} from './compare/confidence-interval.ts';
export { compareRuns, pairScores, type RunComparison, type RunMean, type ScorePair } from './compare/compare-runs.ts';
export { holmAdjusted, multipleComparisonNote } from './compare/holm.ts';
export { mcnemarTest } from './compare/mcnemar.ts';
export { signFlipTest, type SignFlipOptions, type SignFlipResult } from './compare/sign-flip-test.ts';
export {
  defaultFilters,
  filterPipeline,
  type FilterPipeline,
  type FilterPipelineDefinition,
  type FilterStep,
} from './filters/filter-pipeline.ts';
export type { Document, Filter, FilterItem, FilterSettings } from './filters/filter.ts';
export { aggregate, customAggregation, type Aggregation, type Statistic } from './metrics/aggregation.ts';
export { bleu } from './metrics/bleu.ts';
export {
  aggregations,
  builtInMetrics,
  defaultMetrics,
  type AggregationName,
  type MetricInfo,
  type OutputType,
} from './metrics/built-in-metrics.ts';
export { chrf } from './metrics/chrf.ts';
export type { CorpusDocument } from './metrics/corpus-aggregation.ts';
export { exactMatch, type ExactMatchOptions, type Matcher } from './metrics/exact-match.ts';
export {
  generationMetrics,
  type Generation,
  type GenerationMetric,
  type GenerationScorer,
  type MetricInput,
} from './metrics/generation-metrics.ts';
export { aggregateGroup, type GroupValue, type TaskValue } from './metrics/group-aggregation.ts';
export { countBytes, countWords, loglikelihoodMetrics, rollingMetrics, type Loglikelihood } from './metrics/loglikelihood-metrics.ts';
export type { DocumentMetrics, MetricItem, MetricItems } from './metrics/metric-item.ts';
export { multipleChoiceMetrics, type MultipleChoice } from './metrics/multiple-choice-metrics.ts';
export { bootstrap, standardError, type StandardErrorOptions } from './metrics/standard-error.ts';
export { ter } from './metrics/ter.ts';
export {
  floatRepr,
  formatFixed,
  parsePythonJson,
  PythonFloat,
  pythonFloat,
  pythonJson,
  type PythonJsonOptions,
  type PythonMatch,
  PythonRandom,
  pythonRegex,
  type PythonRegex,
  pythonRepr,
  pythonStr,
  type PythonValue,
} from '../python/index.ts';
export { parseArgument, parseArgumentString } from './requests/argument-string.ts';
export { collate, type CollateOptions, type SameRequests } from './requests/collate.ts';
export { maybeDelimit } from './requests/delimit.ts';
export { encodePair, type EncodedPair, type EncodePairOptions } from './requests/encode-pair.ts';
export { normalizeGenerationOptions, type GenerationOptions, type NormalizedGeneration } from './requests/generation-options.ts';
export { harnessRequestKey, type RequestType } from './requests/harness-request-key.ts';
export { disjointWindow, rollingTokenWindows, type TokenWindow, type WindowOptions } from './requests/rolling-windows.ts';
export { answerText, handleStopSequences } from './requests/stop-sequences.ts';
export { truncateLoglikelihood, type LoglikelihoodInput, type TruncateOptions } from './requests/truncate-loglikelihood.ts';
export { sanitizeModelName } from './results/sanitize-model-name.ts';
export { documentScore, isHigherBetter, scoreName } from './results/document-score.ts';
export { harnessFiles, runFiles, type ResultFiles } from './results/result-files.ts';
export { ResultsFolder } from './results/results-folder.ts';
export { resultsJson, type RunSettings } from './results/results-json.ts';
export { resultsTable, storedTable } from './results/results-table.ts';
export {
  readResults,
  readSamples,
  samplesFile,
  type StoredMetric,
  type StoredResults,
  type StoredSample,
  type StoredTask,
} from './results/stored-results.ts';
export type { AskOptions } from './run/request-planner.ts';
export { evaluate, type EvaluateOptions, type EvaluationGroup, type EvaluationProgress } from './run/evaluate.ts';
export type { EvaluationResult, EvaluationSample, FilteredSample, GroupResult, MetricResult, TaskResult } from './run/evaluation-result.ts';
export { resume, type RunRecord } from './run/resume.ts';
export { openTask, type TaskData } from './tasks/configured-task.ts';
export type { JudgedMetric } from './tasks/judge-metric.ts';
export { defineTask, type MetricCall, type TaskDefinition, type TaskMetricDefinition, type ScoredMetric } from './tasks/define-task.ts';
export type {
  EvaluationTask,
  MetricContext,
  PromptSettings,
  TaskContext,
  TaskItem,
  TaskMetric,
  TaskRequest,
  TaskResponse,
} from './tasks/evaluation-task.ts';
export { TaskCatalog, type CatalogEntry, type GroupMetric, type TaskGroup } from './tasks/task-catalog.ts';
export type { TaskConfig } from './tasks/task-config.ts';
export { verdictOf, type Verdict } from './results/verdict.ts';
export {
  probability,
  signed,
  writeComparison,
  type ComparedMetric,
  type ComparedRun,
  type StoredComparison,
} from './report/write-comparison.ts';
export { writeReport } from './report/write-report.ts';
