import { LmdeckError } from '../core/index.ts';

/** The error code of a failed system call (`ENOENT`), if the value is one. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'errno' in error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Why a configuration file could not be read or written, and what to do about it. */
export function fileError(action: 'read' | 'write', path: string, error: unknown): LmdeckError {
  const code = systemErrorCode(error);
  const message = `Cannot ${action} ${path}: ${reason(code) ?? (error instanceof Error ? error.message : String(error))}`;
  return new LmdeckError('config', message, { cause: error, data: { path, ...(code === undefined ? {} : { code }) } });
}

function reason(code: string | undefined): string | undefined {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied. Change its permissions, or set LMDECK_HOME to a folder of your own.';
    case 'EROFS':
      return 'the file system is read-only. Set LMDECK_HOME to a folder that can be written.';
    case 'ENOSPC':
      return 'the disk is full.';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of this path is a file, not a folder. Move that file away, or set LMDECK_HOME to a folder.';
    case 'EISDIR':
      return 'it is a folder, not a file. Move it away.';
    case 'ENOENT':
      return 'the folder does not exist and cannot be made. Set LMDECK_HOME to a folder that can be written.';
    default:
      return undefined;
  }
}
