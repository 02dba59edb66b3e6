import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Packages of node-llama-cpp with GPU binaries, per platform; npm installs them beside it where they fit. */
const GPU_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'linux-x64': ['linux-x64-cuda', 'linux-x64-vulkan'],
  'win32-x64': ['win-x64-cuda', 'win-x64-vulkan'],
};

/**
 * True when there is no binary that uses a GPU, so that looking for one at every start can be saved. macOS on Apple silicon
 * has Metal in its only binary.
 */
export function cpuOnly(): boolean {
  const machine = `${process.platform}-${process.arch}`;
  if (machine === 'darwin-arm64') return false;
  return !(GPU_PACKAGES[machine] ?? []).some(isInstalled);
}

function isInstalled(name: string): boolean {
  try {
    const library = fileURLToPath(import.meta.resolve('node-llama-cpp'));
    const modules = library.slice(0, library.lastIndexOf('node-llama-cpp'));
    const folder = [modules, join(dirname(dirname(library)), 'node_modules')].map((each) => join(each, '@node-llama-cpp', name));
    return folder.some((each) => existsSync(join(each, 'bins')));
  } catch {
    return false;
  }
}
