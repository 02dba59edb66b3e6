const { writeSync } = process.getBuiltinModule('node:fs');

const { tiktokenTokenizer } = await import('lmdeck/tokenize');
const tokenizer = await tiktokenTokenizer('o200k_base', { cacheFolder: process.argv[2] ?? false });
if (tokenizer.count('What is the capital of France?') !== 7) throw new Error('It does not count.');
writeSync(1, String(process.memoryUsage.rss()));
