export * from './core/index.ts';
export * from './deck/index.ts';
export * from './middleware/index.ts';
export * from './models/index.ts';
export * from './schema/index.ts';
export * from './tape/index.ts';
export * from './transport/index.ts';
