export * from './client-of.ts';
export * from './days-to-read.ts';
export * from './fold-usage.ts';
