import { readFileSync } from 'node:fs';

import { LmdeckError } from '../../core/index.ts';
import type { Command, CommandGroup } from '../args/command.ts';

const split = { flags: '--split <bytes>', description: 'Feed the decoder this many bytes at a time' };

const decode: Command = {
  name: 'decode',
  summary: 'Decode a recorded response of a server',
  description:
    'Decodes a recorded response body as the models do, and prints one JSON object: samples, usage, error, responseId, resolvedModel,\nevents. Bodies are JSON or event streams.',
  arguments: ['<file>'],
  completes: 'file',
  options: [
    { flags: '--api <api>', description: 'What was asked: chat, completions, anthropic or gemini', default: 'chat' },
    { flags: '--status <code>', description: 'HTTP status of the response', default: '200' },
    split,
  ],
  examples: [{ command: 'lmdeck debug decode --api chat answer.sse' }, { command: 'lmdeck debug decode --status 429 error.json' }],
  run: async ({ args: [path = ''], options, io }) => {
    const api = options.text('api') ?? 'chat';
    if (api !== 'chat' && api !== 'completions' && api !== 'anthropic' && api !== 'gemini')
      throw new LmdeckError('usage', `--api is chat, completions, anthropic or gemini, not "${api}".`);
    const body = readBytes(path);
    const { decodeResponse, decodeAnswer } = await import('../../models/index.ts');
    const recorded = { body, status: options.integer('status', 100), split: options.integer('split', 1) };
    const decoded =
      api === 'anthropic' || api === 'gemini' ? await decodeAnswer({ api, ...recorded }) : decodeResponse({ api, ...recorded });
    await io.print(`${JSON.stringify(decoded, undefined, 2)}\n`);
  },
};

const sse: Command = {
  name: 'sse',
  summary: 'Decode a recorded event stream',
  description: 'Decodes a recorded text/event-stream and prints { "events": [{ "data", "event", "id" }], "retry", "comments" }.',
  arguments: ['<file>'],
  completes: 'file',
  options: [split],
  examples: [{ command: 'lmdeck debug sse --split 1 answer.sse' }],
  run: async ({ args: [path = ''], options, io }) => {
    const body = readBytes(path);
    const { SseDecoder } = await import('../../transport/index.ts');
    const comments: string[] = [];
    const decoder = new SseDecoder({ onComment: (comment) => comments.push(comment) });
    const size = options.integer('split', 1) ?? Math.max(1, body.length);
    const events = [];
    for (let at = 0; at < body.length; at += size) events.push(...decoder.push(body.subarray(at, at + size)));
    decoder.end();
    await io.print(`${JSON.stringify({ events, retry: decoder.retryMs ?? null, comments }, undefined, 2)}\n`);
  },
};

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : LmdeckError.from(error).message;
    throw new LmdeckError('config', `Cannot read ${path}: ${reason}.`, { cause: error });
  }
}

export const debugCommand: CommandGroup = {
  name: 'debug',
  summary: 'Show how recorded bytes are decoded',
  default: '',
  commands: [decode, sse],
  examples: [{ command: 'lmdeck debug decode --api chat answer.sse' }, { command: 'lmdeck debug sse answer.sse' }],
};
