import { tinyModelPath } from 'lmdeck-llama';
import { getLlama, LlamaLogLevel, type LlamaContextSequence, type Token } from 'node-llama-cpp';
import { answer, choices, wholeText } from '../score-texts.ts';
import type { Tasks } from '../task.ts';

/** The engine by hand: it reads the texts and says nothing about them, or the likeliest next token of each place. */
export async function open(): Promise<Tasks> {
  const engine = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false, logLevel: LlamaLogLevel.error });
  const model = await engine.loadModel({ modelPath: tinyModelPath });
  const context = await model.createContext({ contextSize: 1024, threads: 1 });
  const sequence = context.getSequence();
  const whole = async (text: ReturnType<typeof choices>): Promise<string> => {
    for (const continuation of text.continuations) {
      await sequence.clearHistory();
      await read(sequence, model.tokenize(text.context + continuation, true));
    }
    return `${text.continuations.length} texts`;
  };
  const likeliest = async ({ context: before, continuations: [text = ''] }: ReturnType<typeof wholeText>): Promise<string> => {
    await sequence.clearHistory();
    const tokens = model.tokenize(before + text, true).slice(0, -1);
    await sequence.controlledEvaluate(tokens.map((token) => [token, { generateNext: { token: true } }]));
    return '1 texts';
  };
  const shared = async (text: ReturnType<typeof choices>): Promise<string> => {
    await sequence.clearHistory();
    const before = model.tokenize(text.context, true);
    await read(sequence, before);
    for (const continuation of text.continuations) {
      await read(sequence, model.tokenize(text.context + continuation, true).slice(before.length));
      await sequence.eraseContextTokenRanges([{ start: before.length, end: sequence.nextTokenIndex }]);
    }
    return `${text.continuations.length} texts`;
  };
  return {
    choices: { run: (index) => whole(choices(index)) },
    'choices, context once': { run: (index) => shared(choices(index)) },
    answer: { run: (index) => whole(answer(index)) },
    text: { run: (index) => whole(wholeText(index)) },
    'text, logits at every place': { run: (index) => likeliest(wholeText(index)) },
  };
}

async function read(sequence: LlamaContextSequence, tokens: Token[]): Promise<void> {
  await sequence.evaluateWithoutGeneratingNewTokens(tokens);
}
