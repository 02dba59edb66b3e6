import { openai } from 'lmdeck';

const { writeSync } = process.getBuiltinModule('node:fs');
const model = openai({ model: 'mock', apiKey: 'sk-test', baseUrl: process.argv[2] });
writeSync(1, await model.prompt('hi').text());
