import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isJsonObject, languageModel, messageText, type JsonObject, type LanguageModel, type ModelRequest } from '../../core/index.ts';
import { record } from '../../middleware/index.ts';
import { openTape, type Tape } from '../../tape/index.ts';
import { openSource, writeBatch, type BatchReport, type RowSource, type WriteBatchOptions } from '../index.ts';

/** What a model says to a request; what it throws is an error of the call. */
export type Answer = (prompt: string, request: ModelRequest) => string | Promise<string>;

/** A folder with rows, a tape and an output, and a model that remembers what it was asked. */
export class BatchFolder implements AsyncDisposable {
  readonly path = mkdtempSync(join(tmpdir(), 'lmdeck-batch-'));
  readonly tape: Tape = openTape(join(this.path, 'tape.db'));
  readonly asked: string[] = [];
  answer: Answer = (prompt) => `re ${prompt}`;

  readonly model: LanguageModel = languageModel(
    {
      id: 'test',
      capabilities: { samples: false },
      price: { input: 1, output: 2 },
      generate: (request) => this.#generate(request),
    },
    record(this.tape),
  );

  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes the rows; objects as lines of JSON. */
  rows(name: string, rows: readonly (string | JsonObject)[]): string {
    writeFileSync(this.file(name), rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join(''));
    return this.file(name);
  }

  write(source: string | (() => RowSource), options: Partial<WriteBatchOptions> = {}): Promise<BatchReport> {
    const run = { runId: 'run', folder: this.file('run'), output: this.file('out.jsonl'), tape: this.tape, concurrency: 4 };
    return writeBatch(typeof source === 'string' ? () => openSource(source) : source, this.model, { ...run, ...options });
  }

  /** The lines of the output. */
  lines(name = 'out.jsonl'): JsonObject[] {
    return readFileSync(this.file(name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const value: unknown = JSON.parse(line);
        if (!isJsonObject(value)) throw new Error(`no object: ${line}`);
        return value;
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tape.close();
    rmSync(this.path, { recursive: true, force: true });
  }

  async *#generate(request: ModelRequest) {
    const last = request.messages.at(-1);
    const prompt = last === undefined ? '' : messageText(last);
    this.asked.push(prompt);
    const text = await this.answer(prompt, request);
    yield { type: 'text-delta', text } as const;
    yield { type: 'usage', usage: { inputTokens: 10, outputTokens: 5 } } as const;
    yield { type: 'finish', reason: 'stop' } as const;
  }
}
