/** Tokens, chat templates and prompts that fit, offline: `node examples/tokenizers.ts`. */
import { assistant, LmdeckError, openDeck, system, user } from 'lmdeck';
import { countMessages, fitContext } from 'lmdeck/tokenize';

await using deck = await openDeck();
const model = await deck.model('tiny');
const tokenizer = await model.tokenizer?.();
const contextSize = await model.contextSize?.();
if (tokenizer === undefined || contextSize === undefined) throw new LmdeckError('capability', `${model.id} has no tokenizer.`);

const ids = await tokenizer.encode('The capital of France');
console.log('ids:', ids.join(' '));
const pieces: string[] = [];
for (const id of ids) pieces.push(await tokenizer.decode([id]));
console.log('pieces:', pieces.join('|'));

const chat = [system('You know capitals.')];
for (let turn = 0; turn < 100; turn++) chat.push(user('What is the capital of France?'), assistant('Paris'));
chat.push(user('And of Italy?'));
console.log('rendered:', JSON.stringify(tokenizer.chatTemplate?.render(chat.slice(-1))));

const { prompt, tokens, cut } = await fitContext(chat, { tokenizer, contextSize, reserve: 16, strategy: 'messages' });
console.log(
  `${await countMessages(tokenizer, chat)} tokens do not fit into ${contextSize}; ${tokens} do, without ${cut.messages} messages`,
);
console.log(await model.prompt(prompt).text());
