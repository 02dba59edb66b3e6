const LOOK_MS = 20;

/** How much room V8 takes for a process. */
export interface HeapRoom {
  /** For short-lived objects, bytes. */
  readonly young: number;
  /** How much the long-lived ones may grow before V8 looks for garbage among them, in percent. */
  readonly growth: number;
}

/** For calls of which little is kept: more room saves no time. */
export const CALLS_ROOM: HeapRoom = { young: 16 * 1024 * 1024, growth: 100 };
/** For an evaluation, which holds some hundred documents at a time: less, for a few percent of its time. */
export const EVALUATION_ROOM: HeapRoom = { young: 4 * 1024 * 1024, growth: 50 };

/**
 * Keeps V8 from taking memory that saves no time, in a process that makes calls by the thousands. Left to itself it gives short-lived
 * objects a hundred megabytes, and lets four times what is alive gather before it looks for garbage among the long-lived ones.
 */
export function keepHeapSmall({ young, growth }: HeapRoom): void {
  const { getHeapSpaceStatistics, setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString(`--heap-growing-percent=${growth}`);
  let grows = true;
  const look = (): void => {
    const space = getHeapSpaceStatistics().find((each) => each.space_name === 'new_space');
    const isSmall = space !== undefined && space.space_size < young;
    if (isSmall === grows) return;
    grows = isSmall;
    setFlagsFromString(`--semi-space-growth-factor=${grows ? 2 : 1}`);
  };
  // Looking for garbage everywhere, V8 may take room back.
  setInterval(look, LOOK_MS).unref();
}
