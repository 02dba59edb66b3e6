const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_CHARS = 16;

let lastTime = -1;
let timeText = '';
const random = new Uint8Array(RANDOM_CHARS);

/**
 * A ULID in lower case: 48 bits of time (milliseconds), 80 random bits. Within a process ids strictly increase, also
 * within one millisecond and when the clock is set back. Source: github.com/ulid/spec.
 *
 * @example
 * ```ts
 * import { ulid } from 'lmdeck';
 *
 * console.log(ulid() < ulid()); // true
 * ```
 */
export function ulid(now: number = Date.now()): string {
  if (now > lastTime) {
    lastTime = now;
    timeText = encodeTime(now);
    draw();
  } else {
    increment();
  }
  let text = timeText;
  for (let i = 0; i < RANDOM_CHARS; i++) text += ALPHABET[random[i] ?? 0];
  return text;
}

/** The time (milliseconds since 1970) that a ULID carries. */
export function ulidTime(id: string): number {
  let time = 0;
  for (let i = 0; i < 10; i++) time = time * 32 + ALPHABET.indexOf(id.charAt(i).toLowerCase());
  return time;
}

function encodeTime(time: number): string {
  let text = '';
  for (let rest = time, i = 0; i < 10; i++) {
    text = (ALPHABET[rest % 32] ?? '0') + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** `Math.random` is seeded by the system in every process; ids need to be unique, not secret, and node:crypto takes 3 ms to load. */
function draw(): void {
  for (let i = 0; i < RANDOM_CHARS; i++) random[i] = Math.floor(Math.random() * 32);
}

function increment(): void {
  for (let i = RANDOM_CHARS - 1; i >= 0; i--) {
    if ((random[i] ?? 0) < 31) {
      random[i] = (random[i] ?? 0) + 1;
      return;
    }
    random[i] = 0;
  }
  // 2^80 ids in one millisecond: borrow the next one.
  lastTime += 1;
  timeText = encodeTime(lastTime);
}
