import type { DeclarationReader } from '../declaration-reader.ts';
export async function oxcReader(folder: string): Promise<DeclarationReader | undefined> {
  return folder === '' ? undefined : undefined;
}
