const { writeSync } = process.getBuiltinModule('node:fs');

const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
if (countTokens('What is the capital of France?') !== 7) throw new Error('It does not count.');
writeSync(1, String(process.memoryUsage.rss()));
