import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRequest,
  languageModel,
  user,
  type BatchLimits,
  type LanguageModel,
  type ModelRequestInput,
  type Price,
} from '../../../core/index.ts';
import { anthropicPreset, chatModel, geminiModel, geminiPreset, messagesModel, presets } from '../../../models/index.ts';
import { openTape, type Tape } from '../../../tape/index.ts';
import type { HttpTransport } from '../../../transport/index.ts';
import type { BatchRow } from '../../batch-row.ts';
import type { RowOutcome } from '../../row-outcome.ts';
import type { BatchProtocolName } from '../../test-support/batch-server.ts';
import { batchOutcomes } from '../offline-batch.ts';
import type { OfflineEvent, SubmitOptions } from '../offline-options.ts';

export const PROTOCOLS: readonly BatchProtocolName[] = ['openai', 'mistral', 'anthropic', 'gemini'];

/** A tape and a folder for runs, gone at the end of their scope. */
export interface BatchWorld extends AsyncDisposable {
  readonly home: string;
  readonly tape: Tape;
  readonly events: OfflineEvent[];
  readonly options: SubmitOptions;
  outcomes(run: string): Promise<readonly RowOutcome[]>;
}

export function batchWorld(): BatchWorld {
  const home = mkdtempSync(join(tmpdir(), 'lmdeck-batch-'));
  const tape = openTape(join(home, 'tape.db'));
  const events: OfflineEvent[] = [];
  const folder = join(home, 'batches');
  return {
    home,
    tape,
    events,
    options: { tape, folder, pause: atOnce, onEvent: (event) => events.push(event) },
    outcomes: async (run) => {
      const all: RowOutcome[] = [];
      for await (const outcome of batchOutcomes(run, { tape, folder })) all.push(outcome);
      return all;
    },
    [Symbol.asyncDispose]: async () => {
      await tape.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export interface BatchModelOptions {
  readonly limits?: BatchLimits;
  readonly apiKey?: string;
  readonly price?: Price;
  readonly transport?: HttpTransport;
}

/** Nobody waits in tests; time goes on with every look at a job. */
export async function atOnce(): Promise<void> {
  return undefined;
}

/** A model on a batch server. */
export function batchModel(
  protocol: BatchProtocolName,
  url: string,
  { limits, apiKey = 'key-1', price, transport }: BatchModelOptions = {},
): LanguageModel {
  const common = { baseUrl: url, model: 'small', apiKey, transport };
  const batches = {
    protocol: protocol === 'mistral' ? 'mistral' : 'openai',
    priceShare: 0.5,
    ...(limits === undefined ? {} : { limits }),
  } as const;
  const model =
    protocol === 'anthropic'
      ? messagesModel({ ...anthropicPreset, ...common, batches })
      : protocol === 'gemini'
        ? geminiModel({ ...geminiPreset, ...common, batches })
        : chatModel({ ...presets[protocol], ...common, batches });
  return languageModel(price === undefined ? model : { ...model, price });
}

/** Rows that ask these texts. */
export async function* rowsOf(texts: readonly string[], request: Partial<ModelRequestInput> = {}): AsyncGenerator<BatchRow> {
  for (const [index, text] of texts.entries()) yield rowOf(index, text, request);
}

export function rowOf(index: number, text: string, request: Partial<ModelRequestInput> = {}): BatchRow {
  return {
    index,
    id: String(index),
    place: `rows.jsonl:${index + 1}`,
    input: { prompt: text },
    request: createRequest({ ...request, messages: [user(text)] }),
  };
}

/** `count` texts, all different. */
export function texts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `question ${i}`);
}

/** The texts of outcomes, or what went wrong. */
export function said(outcomes: readonly RowOutcome[]): readonly string[] {
  return outcomes.map((outcome) => {
    if (outcome.status !== 'ok') return outcome.status === 'error' ? outcome.error.code : outcome.status;
    return outcome.samples.map(({ message }) => message.parts.map((part) => ('text' in part ? part.text : part.type)).join('')).join(' | ');
  });
}
