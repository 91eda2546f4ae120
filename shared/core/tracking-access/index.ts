export * from './access.ts';
export * from './tracking-token.ts';
export * from './workspace.ts';
