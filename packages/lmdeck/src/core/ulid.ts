const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Values of one of the four parts of the random bits. */
const PART = 2 ** 20;

let lastTime = -1;
let timeText = '';
/** The random bits, 20 in each, the highest first. */
const random = [0, 0, 0, 0];
/** The two digits of every number of 10 bits: looking up pairs halves the pieces to be joined. Made for those who need many ids. */
let pairs: readonly string[] | undefined;
let made = 0;
const MANY = 100;

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
  // Texts of less than 13 characters are joined by copying; these brackets keep all but the last step below that.
  return timeText + (part(0) + part(1)) + (part(2) + part(3));
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

function part(index: number): string {
  const bits = random[index] ?? 0;
  if (pairs === undefined) {
    if (++made < MANY) return pair(bits >> 10) + pair(bits & 1023);
    pairs = Array.from({ length: 1024 }, (_, value) => pair(value));
  }
  return (pairs[bits >> 10] ?? '') + (pairs[bits & 1023] ?? '');
}

function pair(bits: number): string {
  return (ALPHABET[bits >> 5] ?? '') + (ALPHABET[bits & 31] ?? '');
}

/** `Math.random` is seeded by the system in every process; ids need to be unique, not secret, and node:crypto takes 3 ms to load. */
function draw(): void {
  for (let i = 0; i < random.length; i++) random[i] = Math.floor(Math.random() * PART);
}

function increment(): void {
  for (let i = random.length - 1; i >= 0; i--) {
    const next = (random[i] ?? 0) + 1;
    random[i] = next % PART;
    if (next < PART) return;
  }
  // 2^80 ids in one millisecond: borrow the next one.
  lastTime += 1;
  timeText = encodeTime(lastTime);
}
