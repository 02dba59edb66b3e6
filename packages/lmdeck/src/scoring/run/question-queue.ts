import type { JsonObject, LmdeckError } from '../../core/index.ts';
import { collate, type SameRequests } from '../requests/collate.ts';
import { Places } from './places.ts';
import { questionOrder, type Question, type Reply } from './question.ts';

/** Who waits for replies. A promise for each would be the most of what a run holds of its documents. */
export interface Asker {
  /** The reply to the question of this number. */
  replied(question: number, reply: Reply): void;
  failed(question: number, error: unknown): void;
}

/** A question, and who waits for the reply. */
export interface Waiting {
  readonly question: Question;
  readonly metadata: JsonObject;
  readonly asker: Asker;
  /** What the asker knows the question by. */
  readonly number: number;
}

export interface QuestionQueueOptions {
  readonly ask: (question: Question, metadata: JsonObject) => Promise<Reply>;
  /** Requests at once; scores that go to the model together are one. */
  readonly concurrency: number;
  /** How many scores go to the model together. */
  readonly batch: number;
}

/** Sends questions in their best order (see {@link collate}), so many at once; what is asked twice goes out once. */
export class QuestionQueue {
  readonly #options: QuestionQueueOptions;
  readonly #places: Places;
  #underWay = 0;
  #onEnded: (() => void) | undefined;
  #stopped: LmdeckError | undefined;

  constructor(options: QuestionQueueOptions) {
    this.#options = options;
    this.#places = new Places(options.concurrency);
  }

  /** Begins all of them as places get free. Resolves when the last one has begun. */
  async begin(questions: readonly Waiting[]): Promise<void> {
    const { kind, context, rest, length } = questionOrder;
    const batches = collate(questions, {
      kind: ({ question }) => kind(question),
      context: ({ question }) => context(question),
      rest: ({ question }) => rest(question),
      length: ({ question }) => length(question),
      batchSize: questions[0]?.question.type === 'score' ? this.#options.batch : 1,
    });
    for (const batch of batches) {
      await this.#places.take();
      this.#start(batch);
    }
  }

  /** Nothing more is begun: who waits for that gets the error. What is under way goes on. */
  stop(error: LmdeckError): void {
    this.#stopped ??= error;
  }

  /** Resolves when nothing is under way any more. */
  async ended(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#onEnded = resolve));
  }

  #start(batch: readonly SameRequests<Waiting>[]): void {
    this.#underWay++;
    void Promise.all(batch.map((same) => this.#answer(same))).then(() => {
      this.#places.give();
      if (--this.#underWay === 0) this.#onEnded?.();
    });
  }

  /** Never rejects: those who wait get the failure. */
  async #answer(same: SameRequests<Waiting>): Promise<void> {
    const [{ question, metadata }] = same;
    try {
      if (this.#stopped !== undefined) throw this.#stopped;
      const reply = await this.#options.ask(question, metadata);
      for (const { asker, number } of same) asker.replied(number, reply);
    } catch (error) {
      for (const { asker, number } of same) asker.failed(number, error);
    }
  }
}
