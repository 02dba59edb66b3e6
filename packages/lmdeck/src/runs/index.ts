export { RunFolders } from './run-folders.ts';
export { claimFile, claimOwner } from './claim-file.ts';
