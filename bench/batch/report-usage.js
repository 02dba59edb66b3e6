// Preloaded into a process that is measured: at its end it writes down what it took.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(process.env.BENCH_USAGE, JSON.stringify({ maxRssMb: maxRSS / 1024, cpuUs: userCPUTime + systemCPUTime }));
});
