// How a batch is usually written: the whole file into a queue, lines out as they come. Nothing is recorded, nothing can be taken up again.
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { OpenAI } from 'openai';
import PQueue from 'p-queue';

const [baseURL, input, output, concurrency] = process.argv.slice(2);
const client = new OpenAI({ apiKey: 'sk-test', baseURL });
const queue = new PQueue({ concurrency: Number(concurrency) });
const file = createWriteStream(output);
for (const line of readFileSync(input, 'utf8').split('\n')) {
  if (line === '') continue;
  const { custom_id, body } = JSON.parse(line);
  void queue.add(async () => {
    const answer = await client.chat.completions.create(body);
    const response = { status_code: 200, request_id: answer._request_id, body: answer };
    file.write(`${JSON.stringify({ id: `batch_req_${custom_id}`, custom_id, response, error: null })}\n`);
  });
}
await queue.onIdle();
file.end();
await once(file, 'finish');
