import { isJsonObject, LmdeckError, type JsonValue } from '../../core/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { interruptible } from '../io/interruptible.ts';
import { EXIT } from '../io/report-error.ts';
import { databaseOption } from '../logs/with-tape.ts';
import { plural } from '../io/progress.ts';
import { tagWord } from './tag-words.ts';
import { writableTape } from './writable-tape.ts';

export const tagCommand: Command = {
  name: 'tag',
  summary: 'Note something on recorded calls: a reward, a label',
  description:
    'Notes values on a call by name: JSON where it is some (1, 0.5, true), else text. A name alone shows its value, NAME- takes it off,\n' +
    'no name shows all. The call itself stays as it was recorded. --from reads lines {"id": "…", "tags": {"reward": 1}}; null takes off.',
  arguments: ['[call]', '[words...]'],
  completes: 'call',
  options: [
    { flags: '--from <file>', description: 'Tags of many calls, a line of JSON for each; - for stdin', completes: 'file' },
    databaseOption,
  ],
  examples: [
    { command: 'lmdeck tape tag 01kab reward=1 checked=true' },
    { command: 'lmdeck tape tag 01kab checked-', does: 'Take one off' },
    { command: 'python score.py | lmdeck tape tag --from -', does: 'The scores of another program' },
  ],
  run: (call) =>
    writableTape(call, async (tape) => {
      const from = call.options.text('from');
      if (from !== undefined) return tagFrom(call, tape, from);
      const [id, ...words] = call.args;
      if (id === undefined)
        throw new LmdeckError('usage', 'lmdeck tape tag: name a call, or read tags with --from. See lmdeck tape tag --help.');
      return tagOne(call, tape, id, words);
    }),
};

async function tagOne({ io }: Invocation, tape: Tape, id: string, words: readonly string[]): Promise<number | undefined> {
  const changes: Record<string, JsonValue | undefined> = {};
  const asked: string[] = [];
  for (const word of words) {
    if (word.includes('=')) {
      const [key, value] = tagWord(word, 'lmdeck tape tag');
      changes[key] = value;
    } else if (word.endsWith('-')) changes[word.slice(0, -1)] = undefined;
    else asked.push(word);
  }
  const call = tape.call(id);
  if (call === undefined) throw new LmdeckError('usage', `There is no call ${id} on the tape. List calls: lmdeck logs -s`);
  if (Object.keys(changes).length > 0) tape.tag(call.id, changes);
  if (words.length === 0) await io.print(`${JSON.stringify(call.tags ?? {}, undefined, 2)}\n`);
  const tags = tape.call(call.id)?.tags ?? {};
  for (const name of asked) {
    const value = tags[name];
    if (value === undefined) throw new LmdeckError('usage', `The call ${call.id} has no tag "${name}".`);
    await io.print(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
  }
  return undefined;
}

function tagFrom({ io }: Invocation, tape: Tape, path: string): Promise<number> {
  return interruptible(io, async (signal) => {
    const { openSource } = await import('../../interop/index.ts');
    const { spooled } = await import('./spooled.ts');
    await using file = await spooled(path, io, signal);
    let tagged = 0;
    let failed = 0;
    using source = await openSource(file.path, signal);
    for await (const { number, text } of source.lines()) {
      try {
        const [id, changes] = tagLine(text);
        tape.tag(id, changes);
        tagged++;
      } catch (error) {
        failed++;
        io.note(`line ${number}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    io.note(`Tagged ${plural(tagged, 'call')}${failed === 0 ? '' : `; ${plural(failed, 'line')} could not be read`}.`);
    return failed === 0 ? EXIT.ok : EXIT.incomplete;
  });
}

function tagLine(text: string): [id: string, changes: Record<string, JsonValue | undefined>] {
  const value: JsonValue = JSON.parse(text);
  const { id, tags } = isJsonObject(value) ? value : {};
  if (typeof id !== 'string' || !isJsonObject(tags)) throw new Error('it is no {"id": "…", "tags": {…}}');
  return [id, Object.fromEntries(Object.entries(tags).map(([name, each]) => [name, each ?? undefined]))];
}
