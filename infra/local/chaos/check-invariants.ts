import type { ChaosFacts } from './facts.ts';
import type { Invariant } from './invariant.ts';
import { PREDICTION_INVARIANTS } from './prediction-invariants.ts';
import { REGISTRY_INVARIANTS } from './registry-invariants.ts';
import { SERVING_INVARIANTS } from './serving-invariants.ts';
import { WORKFLOW_INVARIANTS } from './workflow-invariants.ts';

export const INVARIANTS: readonly Invariant[] = [
  ...REGISTRY_INVARIANTS,
  ...SERVING_INVARIANTS,
  ...PREDICTION_INVARIANTS,
  ...WORKFLOW_INVARIANTS,
];

export interface Breach {
  readonly invariant: string;
  readonly what: string;
}

/** Every breach of every invariant. */
export const checkInvariants = (facts: ChaosFacts): readonly Breach[] =>
  INVARIANTS.flatMap(({ name, breaches }) => breaches(facts).map((what) => ({ invariant: name, what })));
