export { fixtureStore, type FixtureOptions, type FixtureStore, type UnusedCall } from './fixture-store.ts';
export type { RecordMode } from './record-mode.ts';
export { recorded, recordedModel, type RecordedOptions } from './recorded.ts';
