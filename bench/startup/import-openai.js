const { writeSync } = process.getBuiltinModule('node:fs');

await import('openai');
writeSync(1, String(process.memoryUsage.rss()));
