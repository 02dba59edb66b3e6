import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';

import { LmdeckError, type JsonValue } from '../../core/index.ts';
import { systemErrorCode } from '../file-error.ts';

/**
 * What a YAML or JSON file says.
 * @throws LmdeckError `config` when it cannot be read, `usage` for another kind of file.
 */
export async function readDataFile(path: string): Promise<JsonValue> {
  const format = formatOf(path);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new LmdeckError('config', `Cannot read ${path}: ${reason(error)}`, { cause: error });
  });
  try {
    const value: JsonValue = format === 'json' ? JSON.parse(text) : (await import('yaml')).parse(text);
    return value;
  } catch (error) {
    throw new LmdeckError('config', `${path} is not ${format.toUpperCase()}: ${reason(error)}`, { cause: error });
  }
}

/** Writes YAML for `.yaml` and `.yml`, JSON for `.json`. @throws LmdeckError `usage` for another kind of file, `config`. */
export async function writeDataFile(path: string, value: JsonValue): Promise<void> {
  const text = formatOf(path) === 'json' ? `${JSON.stringify(value, null, 2)}\n` : (await import('yaml')).stringify(value);
  await writeFile(path, text).catch((error: unknown) => {
    throw new LmdeckError('config', `Cannot write ${path}: ${reason(error)}`, { cause: error });
  });
}

function formatOf(path: string): 'json' | 'yaml' {
  switch (extname(path).toLowerCase()) {
    case '.json':
      return 'json';
    case '.yaml':
    case '.yml':
      return 'yaml';
    default:
      throw new LmdeckError('usage', `${path}: models and runs are saved as .yaml, .yml or .json.`);
  }
}

function reason(error: unknown): string {
  if (systemErrorCode(error) === 'ENOENT') return 'there is no such file or folder.';
  return error instanceof Error ? error.message : String(error);
}
