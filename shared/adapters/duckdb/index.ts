export { openDuckDb } from './open-duckdb.ts';
