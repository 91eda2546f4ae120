export { ATTESTATION_DAYS, type Attestation, attest } from './attestation.ts';
export type * from './model-records.ts';
export { mlTestScorePart, renderMlTestScore } from './render-ml-test-score.ts';
export { requireItem } from './rubric.ts';
export { scoreModelTests, withWords } from './score-model-tests.ts';
export type * from './score-types.ts';
export { sumUpTrace } from './sum-up-trace.ts';
