export { RunFolders } from './run-folders.ts';
