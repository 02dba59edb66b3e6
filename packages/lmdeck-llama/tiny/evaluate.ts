/**
 * Measures the tiny model through the plugin and writes report.json beside this file:
 *
 *     node packages/lmdeck-llama/tiny/evaluate.ts [model.gguf]
 *
 * Facts about its training are kept from the report that is there.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { isJsonObject, type JsonObject, type JsonValue } from 'lmdeck/core';
import { llama, tinyModelPath } from '../src/index.ts';
import { loadModel } from '../src/loaded-model.ts';
import { evaluateAnswers } from './evaluation/answers.ts';
import {
  evaluateArithmetic,
  evaluateEmbeddings,
  evaluateLongConversations,
  evaluateSchemas,
  evaluateTools,
} from './evaluation/features.ts';
import { readItems } from './evaluation/items.ts';
import { evaluateScores } from './evaluation/scores.ts';

const WRONG_SHOWN = 5;
const reportFile = new URL('report.json', import.meta.url);
const path = process.argv[2] ?? tinyModelPath;

await using model = llama({ model: path, sequences: 8 });
const { chat, score } = readItems(new URL('heldout.jsonl', import.meta.url));
const probes = readItems(new URL('probes.jsonl', import.meta.url)).chat;
const started = performance.now();

const heldOut = await evaluateAnswers(model, chat);
console.log(`held out: mean ${heldOut.tallies.mean()} over ${chat.length} items, ${((performance.now() - started) / 1000).toFixed(1)} s`);
console.table(heldOut.tallies.toJSON());
const probed = await evaluateAnswers(model, probes);
console.table(probed.tallies.toJSON());
const features = {
  schema: await evaluateSchemas(model, chat),
  tools: await evaluateTools(model),
  longConversations: await evaluateLongConversations(model),
  arithmetic: await evaluateArithmetic(model),
};
console.dir(features, { depth: null });

const loaded = await loadModel('tiny', path, { sequences: 1 });
const scores = await evaluateScores(loaded, score, chat);
const embeddings = await evaluateEmbeddings(loaded);
console.table(scores.tallies.toJSON());
console.dir({ examples: scores.examples, embeddings });

const wrong: Record<string, JsonObject[]> = {};
for (const { family, ...rest } of heldOut.wrong) {
  const list = (wrong[family] ??= []);
  if (list.length < WRONG_SHOWN) list.push({ ...rest });
}
const report = {
  model: { bytes: statSync(path).size, dimensions: loaded.model.embeddingVectorSize, context: loaded.model.trainContextSize },
  training: trainingFacts(),
  heldOut: { mean: heldOut.tallies.mean(), items: chat.length, families: heldOut.tallies },
  probes: probed.tallies,
  ...features,
  choices: scores.tallies,
  exampleLogprobs: scores.examples,
  embeddings,
  wrong,
};
await loaded.close();
writeFileSync(reportFile, `${JSON.stringify(report, null, 1)}\n`);

function trainingFacts(): JsonValue | undefined {
  const before: JsonValue = JSON.parse(readFileSync(reportFile, 'utf8'));
  return isJsonObject(before) ? before['training'] : undefined;
}
