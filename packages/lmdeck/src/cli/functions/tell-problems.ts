import { shortPath, type GeneratedModule } from '../../functions/generate/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import { plural } from '../io/progress.ts';

/** Tells what is wrong in sources, a line each with its place; true when there was something. */
export function tellProblems(io: CliIo, modules: readonly GeneratedModule[], folder: string): boolean {
  const problems = modules.flatMap((module) => module.problems);
  for (const { file, line, column, message } of problems) io.note(`${shortPath(file, folder)}:${line}:${column}: ${message}`);
  if (problems.length === 0) return false;
  const files = new Set(problems.map((problem) => problem.file)).size;
  const unwritten = modules.filter((module) => module.problems.length > 0).map((module) => shortPath(module.file, folder));
  io.note(`${plural(problems.length, 'problem')} in ${plural(files, 'file')}; not generated: ${unwritten.join(', ')}`);
  return true;
}
