import { writeSync } from 'node:fs';
import { OpenAI } from 'openai';

const client = new OpenAI({ apiKey: 'sk-test', baseURL: process.argv[2] });
const completion = await client.chat.completions.create({ model: 'mock', messages: [{ role: 'user', content: 'hi' }] });
writeSync(1, completion.choices[0].message.content);
