const { writeSync } = process.getBuiltinModule('node:fs');

await import('lmdeck');
writeSync(1, String(process.memoryUsage.rss()));
