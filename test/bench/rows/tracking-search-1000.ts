import { searchRow } from '../tracking-search.ts';

export const row = searchRow(1_000);
