/**
 * A program that asks a server with models made in every way: by the library, wrapped again, scored, and by a deck. Prints what came.
 * `node asking-child.ts <base URL> <home> <what to ask>`
 */
import { languageModel, openaiCompatible, openDeck, retry } from '../../index.ts';

const [baseUrl = '', home = '', prompt = ''] = process.argv.slice(2);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const outcome = (work: Promise<string>): Promise<string> =>
  work.catch((error: unknown) =>
    error instanceof Error ? `${'code' in error ? String(error.code) : ''}: ${error.message}` : String(error),
  );

const own = openaiCompatible({ name: 'lab', baseUrl, model: 'small', retry: false });
say(await outcome(own.prompt(prompt).text()));
say(await outcome(languageModel(own, retry()).prompt(prompt).text()));
{
  await using deck = await openDeck({ home });
  say(await outcome((await deck.model('lab/small')).prompt(prompt).text()));
  say(`${(await deck.tape()).count()}`);
}
