export * from './core/index.ts';
export * from './deck/index.ts';
export * from './middleware/index.ts';
export * from './models/index.ts';
// The rest of it is for functions and others who check values; `lmdeck/schema` has it.
export * from './schema/schema-inputs.ts';
export * from './tape/index.ts';
export * from './transport/index.ts';
