import { writeSync } from 'node:fs';

await import('openai');
writeSync(1, String(process.memoryUsage.rss()));
