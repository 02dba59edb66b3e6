/** More room for short-lived objects than this saves no time. */
const ENOUGH_BYTES = 4 * 1024 * 1024;
const LOOK_MS = 20;

/**
 * Keeps V8 from giving short-lived objects more and more room: left to itself it takes a hundred megabytes for it, most of what a batch
 * takes of memory, and is no faster.
 */
export function keepYoungSpaceSmall(): void {
  const { getHeapSpaceStatistics, setFlagsFromString } = process.getBuiltinModule('node:v8');
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    if (young !== undefined && young.space_size < ENOUGH_BYTES) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(timer);
  }, LOOK_MS);
  timer.unref();
}
