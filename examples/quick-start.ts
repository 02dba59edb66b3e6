/** The library in ten lines, offline: `node examples/quick-start.ts`. Name another model ("openai/gpt-5.6-luna") once you have a key. */
import { openDeck } from 'lmdeck';

await using deck = await openDeck();
const model = await deck.model('tiny');

const response = model.prompt('What is the capital of France?');
for await (const text of response) process.stdout.write(text);

console.log(`\n${await response.reply('And of Italy?').text()}`);
console.log(
  await model
    .prompt('Extract the name and age as JSON: Maria is 34 years old.', {
      schema: { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } } },
    })
    .json(),
);
