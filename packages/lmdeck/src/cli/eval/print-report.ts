import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeReport, type StoredResults } from '../../scoring/index.ts';
import type { CliIo } from '../io/cli-io.ts';

/** The report with charts on stdout. It is written first, so that a reader gets all of it or nothing. */
export async function printReport(results: StoredResults, io: CliIo): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lmdeck-report-'));
  try {
    const file = join(folder, 'report.html');
    await writeReport(results, file);
    for await (const text of createReadStream(file, 'utf8')) await io.print(String(text));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
