import { treesRow } from '../http-rows.ts';

export const row = treesRow(64, 16);
