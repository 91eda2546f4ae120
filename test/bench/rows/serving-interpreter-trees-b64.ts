import { interpretedTreesRow } from '../interpreted-trees.ts';

export const row = interpretedTreesRow(64);
