import { fileURLToPath } from 'node:url';

/** Path of the weights of the tiny demo model that this package carries. Found by the package's name, because built files lie elsewhere than sources. */
export const tinyModelPath: string = fileURLToPath(new URL('tiny/tiny.gguf', import.meta.resolve('lmdeck-llama/package.json')));

/** What lists say about it. */
export const tinyDescription =
  '1.5 M-parameter demo model, offline: capitals, small sums, opposites, extraction to JSON, three tools… in short English questions; not a general assistant';
