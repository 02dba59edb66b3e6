import { costMicros, requestKey, type LanguageModel, type Response, type StoredCall } from '../../core/index.ts';
import { logRow, type LogRow } from '../logs/log-row.ts';
import type { PrintedAnswer } from './print-answer.ts';

/** A finished call as a row, for calls that are not on the tape. */
export async function callRow(model: LanguageModel, response: Response, startedAt: number, answer: PrintedAnswer): Promise<LogRow> {
  const ok = answer.error === undefined;
  const usage = ok ? await response.usage() : undefined;
  const resolvedModel = ok ? await response.resolvedModel() : undefined;
  const cost = usage === undefined || model.price === undefined ? undefined : costMicros(usage, model.price);
  const call: StoredCall = {
    id: response.callId ?? '',
    startedAt,
    model: model.id,
    request: response.prompt,
    requestKey: requestKey(model, response.prompt),
    stream: false,
    status: ok ? 'ok' : 'error',
    samples: ok ? await response.samples() : [{ message: response.partial }],
    durationMs: answer.durationMs,
    ...(model.endpoint === undefined ? {} : { endpoint: model.endpoint }),
    ...(response.conversationId === undefined ? {} : { conversationId: response.conversationId }),
    ...(usage === undefined ? {} : { usage }),
    ...(cost === undefined ? {} : { costMicros: cost }),
    ...(resolvedModel === undefined ? {} : { resolvedModel }),
    ...(answer.error === undefined ? {} : { error: answer.error.toInfo() }),
  };
  return logRow(call);
}
