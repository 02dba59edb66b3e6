import { LmdeckError } from 'lmdeck/core';

/** One sentence for a model that could not be loaded, from what the engine threw and what llama.cpp logged about it. */
export function loadError(modelId: string, path: string, error: unknown, log: string): LmdeckError {
  const thrown = error instanceof Error ? error.message : String(error);
  if (isOutOfMemory(error, log + thrown)) {
    const advice = 'Take a smaller contextSize or fewer sequences, or a smaller quantisation of the model.';
    return new LmdeckError('config', `${modelId}: not enough memory for ${path}. ${advice}`, { cause: error });
  }
  const architecture = /unknown model architecture: '?([^'\n]+)'?/.exec(log)?.[1];
  if (architecture !== undefined) {
    const message = `${path}: this llama.cpp does not know the architecture "${architecture}". Try a newer lmdeck-llama.`;
    return new LmdeckError('config', message, { cause: error });
  }
  const detail = (firstComplaint(log) ?? thrown.split('\n')[0] ?? '').replace(/\.$/, '');
  return new LmdeckError('config', `${path} cannot be loaded: ${detail}. The file may be damaged or cut off; get it again.`, {
    cause: error,
  });
}

function isOutOfMemory(error: unknown, text: string): boolean {
  const name = error instanceof Error ? error.constructor.name : '';
  return name === 'InsufficientMemoryError' || /(failed|unable) to allocate|out of memory/i.test(text);
}

function firstComplaint(log: string): string | undefined {
  const line = log.split('\n').find((each) => each.trim() !== '');
  return line?.replace(/^[a-z_]+: /i, '').trim();
}
