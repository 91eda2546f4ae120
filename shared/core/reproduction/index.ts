export { buildDifferences } from './build-differences.ts';
export { definitionDifferences } from './definition-differences.ts';
export { judgeReproduction, type Reproduction } from './judge-reproduction.ts';
