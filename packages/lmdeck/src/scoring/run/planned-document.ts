import { LmdeckError, type JsonObject } from '../../core/index.ts';
import type { TaskItem } from '../tasks/evaluation-task.ts';
import type { Asker, Waiting } from './question-queue.ts';
import type { Reply } from './question.ts';
import type { Answered, RequestPlan } from './request-plan.ts';

/** A document with the calls that it needs, and what came of them. */
export class PlannedDocument implements Asker {
  readonly item: TaskItem;
  /** Of every request as often as it is repeated, one after the other. */
  readonly questions: Waiting[] = [];
  readonly #plans: RequestPlan[] = [];
  readonly #replies: (Reply | undefined)[] = [];
  #error: LmdeckError | undefined;
  /** Number of the question that failed; of several, the first one. */
  #failed = Infinity;
  #left = 0;
  readonly #whole = Promise.withResolvers<void>();

  constructor(item: TaskItem) {
    this.item = item;
  }

  /** How many requests it has, repeats counted. */
  get requests(): number {
    return this.#plans.length;
  }

  add(plan: RequestPlan, metadata: JsonObject): void {
    this.#plans.push(plan);
    for (const question of plan.questions) this.questions.push({ question, metadata, asker: this, number: this.#left++ });
  }

  /** It cannot be asked about: no call is made. */
  refuse(error: LmdeckError): void {
    this.#error = error;
    this.questions.length = 0;
    this.#left = 0;
  }

  replied(question: number, reply: Reply): void {
    this.#replies[question] = reply;
    this.#count();
  }

  failed(question: number, error: unknown): void {
    if (question < this.#failed) {
      this.#failed = question;
      this.#error = LmdeckError.from(error);
    }
    this.#count();
  }

  /**
   * One list per request: its answers, one per repeat. All replies are waited for: they are paid for.
   * @throws LmdeckError why it could not be asked about, or the first failure.
   */
  async answers(repeats: number): Promise<readonly (readonly Answered[])[]> {
    if (this.#left > 0) await this.#whole.promise;
    if (this.#error !== undefined) throw this.#error;
    const answers: Answered[][] = [];
    let first = 0;
    for (const [index, plan] of this.#plans.entries()) {
      const replies = this.#replies.slice(first, first + plan.questions.length);
      first += plan.questions.length;
      const answered = plan.answer(replies.filter((reply) => reply !== undefined));
      if (index % repeats === 0) answers.push([answered]);
      else answers.at(-1)?.push(answered);
    }
    return answers;
  }

  #count(): void {
    if (--this.#left === 0) this.#whole.resolve();
  }
}
