import { LmdeckError } from '../core/index.ts';

/** Why a file could not be read, in words. */
export function unreadable(path: string, error: unknown): LmdeckError {
  if (LmdeckError.isInstance(error)) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const reason =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EACCES' || code === 'EPERM'
        ? 'it may not be read'
        : typeof code === 'string' && (code.startsWith('Z_') || code.startsWith('ERR_SQLITE'))
          ? `it is damaged (${message})`
          : message;
  return new LmdeckError('config', `Cannot import ${path}: ${reason}.`, { cause: error });
}
