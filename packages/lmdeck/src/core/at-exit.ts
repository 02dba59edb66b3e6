const pending = new Set<() => void>();

function runAll(): void {
  for (const work of pending) work();
}

/** Runs `work` when the process ends by itself or by `process.exit`. Returns what takes it back. One listener serves all. */
export function atExit(work: () => void): () => void {
  if (pending.size === 0) process.on('exit', runAll);
  pending.add(work);
  return () => {
    pending.delete(work);
    if (pending.size === 0) process.off('exit', runAll);
  };
}
