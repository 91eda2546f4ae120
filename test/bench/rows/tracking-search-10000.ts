import { searchRow } from '../tracking-search.ts';

export const row = searchRow(10_000);
