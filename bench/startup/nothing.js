import { writeSync } from 'node:fs';

writeSync(1, String(process.memoryUsage.rss()));
