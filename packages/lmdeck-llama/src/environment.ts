import { LmdeckError } from 'lmdeck/core';
import type { GpuOption } from './engine.ts';
import type { LoadOptions } from './loaded-model.ts';
import { memoryBudget, type MemoryBudget } from './memory-budget.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const GPU: Readonly<Record<string, GpuOption>> = { off: false, false: false, auto: 'auto', cuda: 'cuda', vulkan: 'vulkan', metal: 'metal' };

/**
 * How models are loaded that are asked for by name: `LMDECK_LLAMA_CONTEXT_SIZE`, `LMDECK_LLAMA_SEQUENCES`,
 * `LMDECK_LLAMA_THREADS` (counts), `LMDECK_LLAMA_GPU` (`off`, `auto`, `cuda`, `vulkan`, `metal`), `LMDECK_LLAMA_MEMORY` (for all
 * of them together, `8GB`).
 * @throws LmdeckError `config` for values that make no sense.
 */
export function loadOptions(env: Environment): LoadOptions {
  return {
    contextSize: count(env, 'LMDECK_LLAMA_CONTEXT_SIZE'),
    sequences: count(env, 'LMDECK_LLAMA_SEQUENCES'),
    threads: count(env, 'LMDECK_LLAMA_THREADS'),
    gpu: gpu(env['LMDECK_LLAMA_GPU']),
    memory: sharedMemory(env['LMDECK_LLAMA_MEMORY']),
  };
}

function sharedMemory(text: string | undefined): MemoryBudget | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return memoryBudget(text);
  } catch (error) {
    throw new LmdeckError('config', `LMDECK_LLAMA_MEMORY: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function count(env: Environment, name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new LmdeckError('config', `${name} must be a whole number above 0, not ${JSON.stringify(text)}.`);
  return Number(text);
}

function gpu(text: string | undefined): GpuOption | undefined {
  if (text === undefined || text === '') return undefined;
  const option = Object.hasOwn(GPU, text) ? GPU[text] : undefined;
  if (option === undefined)
    throw new LmdeckError('config', `LMDECK_LLAMA_GPU must be one of ${Object.keys(GPU).join(', ')}, not ${JSON.stringify(text)}.`);
  return option;
}
