import { LmdeckError, type CallContext, type JsonObject } from '../../../core/index.ts';
import { alignTokens } from './align-tokens.ts';
import { forcedScoring, forceToken, tokenPieces } from './forced-scoring.ts';
import { ECHO, PROMPT_LOGPROBS, promptScoring } from './prompt-scoring.ts';
import { askServer, completionAnswer, extraFields, isRejection, type ScoreBackend, type ScoreServer } from './score-server.ts';
import { noLogprob } from './served-token.ts';
import { echoedTokens, promptTokens, type ServedTokens } from './served-tokens.ts';

const TEXT = 'The cat sat on the mat.';
const LEAST_TOKENS = 3;
/** How far off a logarithm may be. */
const ROUNDING = 1e-3;

/** What was seen of a way to score: it works, or what is wrong with it. */
type Finding<T> = { readonly works: T } | { readonly problem: string };

/**
 * Finds out with a tiny text how a server can score, by what it answers and not by what it claims: servers ignore `echo` without a word,
 * and whoever reads their answers as if they had not gives every text the score 0.
 * @throws LmdeckError `capability` with the reasons when it cannot; errors of the network and the key as they come.
 */
export async function probeScoring(server: ScoreServer, context: CallContext): Promise<ScoreBackend> {
  const echo = await rejected(() => probeEcho(server, context));
  if ('works' in echo) return echo.works;
  const forced = await rejected(() => probeForced(server, context));
  if ('works' in forced) return forced.works;
  const { modelId } = server;
  throw new LmdeckError(
    'capability',
    `${modelId} cannot score given text: ${echo.problem}; and it is no llama-server: ${forced.problem}. Models that can: llama/tiny and every other GGUF file, and those on a vLLM or llama-server.`,
    { data: { model: modelId, capability: 'score', echo: echo.problem } },
  );
}

async function probeEcho(server: ScoreServer, context: CallContext): Promise<Finding<ScoreBackend>> {
  const { client, target } = server;
  const body = { ...extraFields(server, undefined), model: target.model, prompt: TEXT, ...ECHO.fields };
  const { choices } = completionAnswer(await askServer(client, '/completions', body, context), 1, target.name);
  const choice = choices[0] ?? {};
  const echoed = echoedTokens(choice);
  const bos = echoed === undefined ? '' : bosOf(echoed);
  // vLLM answers in both ways; its own has token ids and ranks.
  const own = examined(promptTokens(choice['prompt_logprobs']), [0], choice);
  if ('works' in own) return { works: promptScoring(server, { ...PROMPT_LOGPROBS, ...own.works, chat: true, bos }) };
  const usual = examined(echoed, [1, 0], choice);
  return 'works' in usual ? { works: promptScoring(server, { ...ECHO, ...usual.works, chat: false, bos }) } : usual;
}

/** Holds the tokens of the answer against the text; `generated` are the numbers of tokens that may follow it. */
function examined(
  served: ServedTokens | undefined,
  generated: readonly number[],
  choice: JsonObject,
): Finding<{ readonly generated: number }> {
  if (served === undefined) return { problem: 'its answers have no log-probabilities' };
  const { tokens, offsets } = served;
  const texts = tokens.map((each) => each.text);
  for (const count of generated) {
    const length = tokens.length - count;
    const spans = alignTokens(TEXT, { texts: texts.slice(0, length), offsets: offsets?.slice(0, length) });
    if (spans === undefined) continue;
    const scored = tokens.slice(1, length).flatMap((each) => each.logprob ?? []);
    const wrong = tokens.slice(0, length).findIndex((each) => each.noNumber !== undefined);
    const { noNumber: word } = tokens[wrong] ?? {};
    if (word !== undefined) return { problem: `token ${wrong + 1} of ${JSON.stringify(TEXT)} has ${noLogprob(word)}` };
    if (scored.length !== length - 1)
      return { problem: `it echoes ${length} tokens, but only ${scored.length} of them have a log-probability` };
    if (length < LEAST_TOKENS) return { problem: `it makes only ${length} tokens of ${JSON.stringify(TEXT)}` };
    const highest = Math.max(...scored);
    if (highest > ROUNDING) return { problem: `its log-probabilities are none: one of them is ${highest}, and there are none above 0` };
    if (scored.every((each) => each > -ROUNDING)) return { problem: 'every token has the log-probability 0, as if there were no other' };
    return { works: { generated: count } };
  }
  const said = texts.join('');
  const text = typeof choice['text'] === 'string' ? choice['text'] : '';
  const echoes = said.includes(TEXT.slice(-8)) || text.includes(TEXT.slice(-8));
  if (!echoes)
    return { problem: `it ignores "echo": ${tokens.length} token(s) came back (${JSON.stringify(said)}), none of them of the prompt` };
  const first = TEXT.indexOf(said.slice(0, 8));
  if (first > 0) return { problem: `it drops the first token of the prompt: the echo begins with ${JSON.stringify(texts[0])}` };
  return { problem: `the tokens that it echoes (${JSON.stringify(said)}) do not make up the prompt (${JSON.stringify(TEXT)})` };
}

/** The special tokens that the server puts before a text. */
function bosOf({ tokens, offsets }: ServedTokens): string {
  const texts = tokens.map((each) => each.text ?? '');
  for (const length of [texts.length - 1, texts.length]) {
    const spans = alignTokens(TEXT, { texts: texts.slice(0, length), offsets: offsets?.slice(0, length) });
    if (spans !== undefined) return texts.filter((_, i) => (spans[i]?.start ?? 0) < 0).join('');
  }
  return '';
}

/** Two different tokens are made certain in one place: the probabilities that come back must be the model's own, not those of the sampling. */
async function probeForced(server: ScoreServer, context: CallContext): Promise<Finding<ScoreBackend>> {
  const pieces = await tokenPieces(server, TEXT, context);
  const ids = pieces.map((each) => each.id);
  const half = Math.floor(ids.length / 2);
  const [likely, other] = [ids[half], ids.find((id) => id !== ids[half])];
  if (likely === undefined || other === undefined || half === 0)
    return { problem: `it makes only ${ids.length} tokens of ${JSON.stringify(TEXT)}` };
  const whole = pieces.find(({ text }) => /^ ?[a-z]+$/i.test(text))?.id ?? likely;
  const first = await forceToken(server, ids.slice(0, half), likely, whole, context);
  const second = await forceToken(server, ids.slice(0, half), other, whole, context);
  if (first.logprob === undefined || second.logprob === undefined)
    return { problem: 'it shows no log-probability of a token that a logit bias makes certain' };
  if (Math.exp(first.logprob) + Math.exp(second.logprob) > 1.001 || first.best !== second.best)
    return { problem: 'its log-probabilities are those after the logit bias, not those of the model' };
  return { works: forcedScoring(server, whole) };
}

/** What a server rejects is a finding too. */
async function rejected<T>(probe: () => Promise<Finding<T>>): Promise<Finding<T>> {
  try {
    return await probe();
  } catch (error) {
    if (!isRejection(error)) throw error;
    return { problem: error.message.replace(/\.$/, '') };
  }
}
