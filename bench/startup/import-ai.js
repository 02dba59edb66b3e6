const { writeSync } = process.getBuiltinModule('node:fs');

await Promise.all([import('ai'), import('@ai-sdk/openai-compatible')]);
writeSync(1, String(process.memoryUsage.rss()));
