import { canonicalJson, type CallStore, type ClosestCall, LmdeckError, type Model, type ModelRequest, promptText } from '../core/index.ts';
import { textDiff } from './text-diff.ts';

const HOW_TO_RECORD = "Record it: run once with replay(tape, { onMiss: 'record' }), or with record(tape) in place of replay(tape).";

/** The error for a request that was not recorded: says what was asked that is most like it, and where they differ. */
export function replayMiss(store: CallStore, request: ModelRequest, model: Model, requestKey: string): LmdeckError {
  const closest = store.closest(request);
  const lines = [`Nothing is recorded for this request to ${model.id}.`];
  if (closest === undefined) lines.push('No recorded prompt is at all like it.');
  else lines.push(...comparison(closest, request, model));
  lines.push(HOW_TO_RECORD);
  return new LmdeckError('replay-miss', lines.join('\n'), {
    data: { requestKey, ...(closest === undefined ? {} : { closestCallId: closest.call.id, score: closest.score }) },
  });
}

function comparison({ call, score }: ClosestCall, request: ModelRequest, model: Model): string[] {
  const before = promptText(call.request.messages);
  const after = promptText(request.messages);
  const lines = [`Closest recorded prompt: call ${call.id} (similarity ${score.toFixed(3)}).`];
  if (before === after) lines.push('The text of the prompts is the same.');
  else lines.push('From that prompt to this one ([-recorded-] {+asked+}):', indent(textDiff(before, after)));
  const settings = differences(facts(call.request, call), facts(request, { model: model.id, ...model }));
  if (settings.length > 0) lines.push('Settings that differ (recorded → asked):', ...settings.map((line) => `  ${line}`));
  if (call.status !== 'ok') lines.push(`That call ended with status ${call.status}: only calls that ended ok are replayed.`);
  return lines;
}

/** What besides the text has part in a request key, by name. */
function facts(
  request: ModelRequest,
  identity: { readonly model: string; readonly endpoint?: string; readonly revision?: string },
): ReadonlyMap<string, string> {
  const { tools, toolChoice, schema, samples, sample } = request;
  const named = {
    model: identity.model,
    endpoint: identity.endpoint,
    revision: identity.revision,
    tools: tools?.map(({ name }) => name),
    'tool definitions': tools,
    'tool choice': toolChoice,
    schema,
    samples,
    'sample index': sample,
  };
  const all: [string, unknown][] = Object.entries(named);
  for (const [name, value] of Object.entries(request.options)) all.push([`option ${name}`, value]);
  return new Map(all.filter(([, value]) => value !== undefined).map(([name, value]) => [name, canonicalJson(value)]));
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const lines: string[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(name), after.get(name)];
    if (a !== b) lines.push(`${name}: ${clip(a)} → ${clip(b)}`);
  }
  return lines;
}

function clip(text = 'not set'): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
