import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText } from 'ai';

const { writeSync } = process.getBuiltinModule('node:fs');
const provider = createOpenAICompatible({ name: 'mock', baseURL: process.argv[2], apiKey: 'sk-test' });
const { text } = await generateText({ model: provider.chatModel('mock'), prompt: 'hi' });
writeSync(1, text);
