import { LmdeckError, type Score } from '../../core/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { interruptible } from '../io/interruptible.ts';
import { withDeck } from '../with-deck.ts';
import { printable } from '../io/printable.ts';

export const scoreCommand: Command = {
  name: 'score',
  summary: 'How likely a model finds given texts',
  description:
    'Prints the log-probability (nats) of each continuation after the context, per token, and its share among those given. A space that belongs\n' +
    'to the continuation must stand in it: " Paris". An empty context ("") scores a text from its beginning.',
  arguments: ['<context>', '<continuations...>'],
  options: [
    { flags: '-m, --model <id>', description: 'Model, by id, alias, end of an id, or path (env: LMDECK_MODEL)', completes: 'model' },
    { flags: '--tokens', description: 'Also show every token' },
    { flags: '--json', description: 'Print JSON' },
    { flags: '--key <key>', description: 'API key, or the name of a stored one', completes: 'key' },
    { flags: '-n, --no-log', description: 'Do not record' },
    { flags: '-d, --database <path>', description: 'Another tape', completes: 'file' },
  ],
  examples: [
    { command: 'lmdeck score "The capital of France is" " Paris" " Rome" -m tiny' },
    { command: 'lmdeck score "" "The sky is blue." --tokens -m tiny', does: 'A whole text, token by token' },
  ],
  run: score,
};

/** A continuation and what the model thinks of it. */
interface Row {
  readonly text: string;
  readonly score: Score;
  /** Its probability among the given ones, 0 to 1. */
  readonly share: number;
}

async function score({ args, options, io }: Invocation): Promise<void> {
  const [context = '', ...continuations] = args;
  const empty = continuations.indexOf('');
  if (empty !== -1) throw new LmdeckError('usage', `lmdeck score: continuation ${empty + 1} is empty: there is nothing to score.`);
  const tape = options.text('database');
  const settings = { ...(tape === undefined ? {} : { tape }), ...(options.flag('noLog') ? { log: false } : {}) };
  await withDeck(io, settings, async (deck) => {
    const model = await deck.model(options.text('model'));
    const apiKey = options.text('key');
    const key = apiKey === undefined ? undefined : ((await deck.keys.get(apiKey)) ?? apiKey);
    const scores = await interruptible(io, (signal) =>
      model.score(
        continuations.map((continuation) => ({ context, continuation })),
        { signal, ...(key === undefined ? {} : { apiKey: key }) },
      ),
    );
    const rows = ranked(continuations, scores);
    if (options.flag('json')) return io.print(`${JSON.stringify(json(model.id, context, rows), undefined, 2)}\n`);
    await io.print(printable(table(rows), io));
    if (options.flag('tokens')) for (const row of rows) await io.print(printable(tokenTable(row), io));
    for (const {
      text,
      score: { overlap },
    } of rows)
      if (overlap !== undefined)
        io.note(`${JSON.stringify(text)}: its first token begins in the context (${JSON.stringify(overlap)}) and counts whole.`);
    return undefined;
  });
}

function ranked(texts: readonly string[], scores: readonly Score[]): readonly Row[] {
  const best = Math.max(...scores.map((each) => each.logprob));
  const weights = scores.map((each) => (best === -Infinity ? 1 : Math.exp(each.logprob - best)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return scores.map((each, i) => ({ text: texts[i] ?? '', score: each, share: (weights[i] ?? 0) / sum }));
}

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ text, score: { logprob, tokens, isGreedy }, share }) => [
    JSON.stringify(text),
    logprob.toFixed(4),
    (logprob / tokens.length).toFixed(4),
    String(tokens.length),
    `${(share * 100).toFixed(2)} %`,
    isGreedy === undefined ? '?' : isGreedy ? 'yes' : 'no',
  ]);
  return aligned([['continuation', 'logprob', 'per token', 'tokens', 'among these', 'likeliest'], ...cells]);
}

function tokenTable({ text, score: { tokens } }: Row): string {
  const cells = tokens.map(({ token, logprob, isGreedy, tokenId }) => [
    JSON.stringify(token),
    logprob.toFixed(4),
    `${(Math.exp(logprob) * 100).toFixed(2)} %`,
    tokenId === undefined ? '' : String(tokenId),
    isGreedy === undefined ? '?' : isGreedy ? 'yes' : 'no',
  ]);
  return `\n${JSON.stringify(text)}\n${aligned([['token', 'logprob', 'probability', 'id', 'likeliest'], ...cells])}`;
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function json(model: string, context: string, rows: readonly Row[]) {
  return {
    model,
    context,
    continuations: rows.map(({ text, share, score: { logprob, tokens, isGreedy, overlap, callId } }) => ({
      text,
      logprob,
      logprob_per_token: logprob / tokens.length,
      probability_among: share,
      is_greedy: isGreedy ?? null,
      ...(overlap === undefined ? {} : { overlap }),
      tokens: tokens.map(({ token, logprob: ofToken, tokenId, isGreedy: greedy }) => ({
        token,
        logprob: ofToken,
        ...(tokenId === undefined ? {} : { id: tokenId }),
        is_greedy: greedy ?? null,
      })),
      call: callId,
    })),
  };
}
