const { writeSync } = process.getBuiltinModule('node:fs');

writeSync(1, String(process.memoryUsage.rss()));
