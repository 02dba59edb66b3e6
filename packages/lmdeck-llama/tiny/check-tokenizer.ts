/**
 * Compares the token ids of training/tokenizer_reference.py with those of llama.cpp:
 *
 *     node packages/lmdeck-llama/tiny/check-tokenizer.ts reference.json
 */
import { readFileSync } from 'node:fs';
import { loadModel } from '../src/loaded-model.ts';
import { tinyModelPath } from '../src/tiny.ts';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node check-tokenizer.ts reference.json');
const reference: readonly [string, readonly number[]][] = JSON.parse(readFileSync(file, 'utf8'));
const { model, close } = await loadModel('tiny', tinyModelPath, {});
let different = 0;
for (const [text, ids] of reference) {
  const tokens = model.tokenize(text, true);
  if (JSON.stringify(tokens) === JSON.stringify(ids) && model.detokenize(tokens, true) === text) continue;
  different++;
  console.log('different:', JSON.stringify(text));
}
console.log(`${reference.length} texts, ${different} different`);
await close();
process.exitCode = different === 0 ? 0 : 1;
