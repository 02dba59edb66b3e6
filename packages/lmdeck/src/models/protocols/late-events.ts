import { EventPipe, type EventReceiver } from '../../core/index.ts';

/** The events of a pipe whose code is loaded with the first pull. */
export class LateEvents extends EventPipe {
  readonly #load: () => Promise<EventPipe>;
  #pipe: EventPipe | undefined;
  #left = false;

  constructor(load: () => Promise<EventPipe>) {
    super();
    this.#load = load;
  }

  pull(receiver: EventReceiver): void {
    if (this.#left) receiver.ended();
    else if (this.#pipe === undefined) void this.#start(receiver);
    else this.#pipe.pull(receiver);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#left = true;
    await this.#pipe?.return();
    return { done: true, value: undefined };
  }

  async #start(receiver: EventReceiver): Promise<void> {
    try {
      this.#pipe = await this.#load();
    } catch (error) {
      this.#left = true;
      return receiver.failed(error);
    }
    this.pull(receiver);
  }
}
