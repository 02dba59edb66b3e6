import { OpenAI } from 'openai';

const { writeSync } = process.getBuiltinModule('node:fs');
const client = new OpenAI({ apiKey: 'sk-test', baseURL: process.argv[2] });
const completion = await client.chat.completions.create({ model: 'mock', messages: [{ role: 'user', content: 'hi' }] });
writeSync(1, completion.choices[0].message.content);
