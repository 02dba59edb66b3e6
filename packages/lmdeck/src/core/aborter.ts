/** Somebody who wants to know of an abort; `addEventListener` takes it too. */
export interface AbortListener {
  handleEvent(): void;
}

const aborter: unique symbol = Symbol('lmdeck.aborter');

/** A signal that may be one of ours. */
interface OwnSignal extends AbortSignal {
  [aborter]?: Aborter;
}

/**
 * An AbortController whose signal tells the layers of a call directly. Every call is listened to by two layers and hardly any is ever
 * aborted; `addEventListener` and `removeEventListener` are much code to go through for that. See {@link onAbort}.
 */
export class Aborter {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  #listener: AbortListener | undefined;
  #others: Set<AbortListener> | undefined;

  constructor() {
    const signal: OwnSignal = this.#controller.signal;
    signal[aborter] = this;
    this.signal = signal;
  }

  get aborted(): boolean {
    return this.#controller.signal.aborted;
  }

  /** The first time: sets the signal and tells everybody. */
  abort(reason: unknown): void {
    if (this.#controller.signal.aborted) return;
    this.#controller.abort(reason);
    const listener = this.#listener;
    const others = this.#others;
    this.#listener = undefined;
    this.#others = undefined;
    listener?.handleEvent();
    others?.forEach((other) => other.handleEvent());
  }

  add(listener: AbortListener): void {
    if (this.#listener === undefined) this.#listener = listener;
    else (this.#others ??= new Set()).add(listener);
  }

  delete(listener: AbortListener): void {
    if (this.#listener === listener) this.#listener = undefined;
    else this.#others?.delete(listener);
  }
}

/** Has the listener told when the signal, which is not aborted yet, is. Once. */
export function onAbort(signal: AbortSignal, listener: AbortListener): void {
  const own = ownAborter(signal);
  if (own === undefined) signal.addEventListener('abort', listener, { once: true });
  else own.add(listener);
}

/** Takes {@link onAbort} back. */
export function offAbort(signal: AbortSignal, listener: AbortListener): void {
  const own = ownAborter(signal);
  if (own === undefined) signal.removeEventListener('abort', listener);
  else own.delete(listener);
}

function ownAborter(signal: OwnSignal): Aborter | undefined {
  return signal[aborter];
}
