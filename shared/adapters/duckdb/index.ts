export { type DuckDbOptions, openDuckDb } from './open-duckdb.ts';
