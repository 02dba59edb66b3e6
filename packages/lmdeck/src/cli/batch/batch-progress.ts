import type { BatchProgress as Progress, BatchTally, RowOutcome } from '../../batch/index.ts';
import { durationText } from '../io/duration-text.ts';
import type { CliIo } from '../io/cli-io.ts';
import { counted, plural, progressLine } from '../io/progress.ts';
import { dollars } from '../prompt/usage-text.ts';

/** Where nobody looks, a line this often. */
const LOG_MS = 30_000;
/** Events are told this often. */
const EVENT_MS = 1000;
/** Failures that are told one by one. */
const SHOWN_FAILURES = 10;

/** Tells how far a run has come: on a terminal a line, elsewhere now and then one, with `--json` events. */
export class BatchReporter {
  readonly #io: CliIo;
  readonly #json: boolean;
  readonly #line;
  readonly #start = performance.now();
  #told = this.#start;
  #first: BatchTally | undefined;
  #failures = 0;
  #last: Progress | undefined;
  /** Time goes on also when no row ends. */
  readonly #timer: NodeJS.Timeout;

  constructor(io: CliIo, json: boolean) {
    this.#io = io;
    this.#json = json;
    this.#line = progressLine(io);
    this.#timer = setInterval(() => {
      if (this.#last !== undefined) this.update(this.#last);
    }, EVENT_MS);
    this.#timer.unref();
  }

  /** Prints an event; nothing without `--json`. */
  event(type: string, facts: Readonly<Record<string, unknown>>): void {
    if (this.#json) void this.#io.print(`${JSON.stringify({ type, ...facts })}\n`).catch(() => undefined);
  }

  note(text: string): void {
    this.#line.note(text);
  }

  outcome(outcome: RowOutcome): void {
    if (outcome.status !== 'error') return;
    const { place, id, index, error } = outcome;
    this.event('row-failed', { index, id, place, code: error.code, message: error.message });
    this.#failures++;
    const message = error.message.startsWith(place) ? error.message : `${place}: ${error.message}`;
    if (this.#failures <= SHOWN_FAILURES) this.#line.note(message);
    else if (this.#failures === SHOWN_FAILURES + 1) this.#line.note('… further rows that fail are only counted.');
  }

  update(progress: Progress): void {
    this.#first ??= progress.tally;
    this.#last = progress;
    const now = performance.now();
    if (this.#io.stderr.isTTY === true) this.#line.show(this.#text(progress, now));
    else if (now - this.#told >= LOG_MS && !this.#json) this.#io.note(this.#text(progress, now));
    else if (!this.#json || now - this.#told < EVENT_MS) return;
    if (this.#json && now - this.#told >= EVENT_MS) this.event('progress', this.#facts(progress, now));
    if (now - this.#told >= EVENT_MS) this.#told = now;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#last = undefined;
    this.#line.end();
  }

  #facts({ tally, underWay, share }: Progress, now: number): Readonly<Record<string, unknown>> {
    return { ...tallyJson(tally), under_way: underWay, ...(share === undefined ? {} : { share }), seconds: (now - this.#start) / 1000 };
  }

  #text({ tally, before, underWay, share }: Progress, now: number): string {
    const seconds = Math.max(0.001, (now - this.#start) / 1000);
    const first = this.#first ?? tally;
    const rate = (tally.rows - first.rows) / seconds;
    const tokens = (tally.inputTokens + tally.outputTokens - first.inputTokens - first.outputTokens) / seconds;
    // The share of the source that was read in this process, against what is left of it.
    const total = share === undefined || share === 0 ? undefined : tally.rows / share;
    const left = total === undefined || rate === 0 ? undefined : (total - tally.rows) / rate;
    return [
      `${plural(tally.rows, 'row')}${total === undefined || share === 1 ? '' : ` of about ${counted(Math.round(total))}`}`,
      `${counted(underWay)} under way`,
      `${rateText(rate)} rows/s`,
      ...(tokens > 0 ? [`${rateText(tokens)} tokens/s`] : []),
      ...(tally.costMicros > 0 ? [dollars(tally.costMicros)] : []),
      ...(tally.failed === 0 ? [] : [failureText(tally)]),
      ...(left === undefined || tally.rows === before ? [] : [`${durationText(left)} left`]),
    ].join(' · ');
  }
}

/** `12 failed (server 7, network 5)` */
export function failureText({ failed, errors }: Pick<BatchTally, 'failed' | 'errors'>): string {
  const classes = Object.entries(errors).sort((a, b) => b[1] - a[1]);
  return `${counted(failed)} failed (${classes.map(([code, count]) => `${code} ${counted(count)}`).join(', ')})`;
}

/** A tally as `--json` prints it. */
export function tallyJson(tally: BatchTally): Readonly<Record<string, unknown>> {
  const { rows, ok, failed, errors, calls, inputTokens, outputTokens, costMicros, unpriced } = tally;
  const cost = unpriced > 0 && costMicros === 0 ? null : costMicros;
  return { rows, ok, failed, errors, calls, input_tokens: inputTokens, output_tokens: outputTokens, cost_micros: cost };
}

function rateText(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : counted(Math.round(rate));
}
