import type { ChaosFacts, ModelFacts } from './facts.ts';

/** A claim that holds after every run, whatever went wrong in it. */
export interface Invariant {
  readonly name: string;
  /** Every breach as a sentence with its ids. */
  readonly breaches: (facts: ChaosFacts) => readonly string[];
}

/** Judges each model by itself. */
export const ofEachModel =
  (judge: (model: ModelFacts, facts: ChaosFacts) => readonly string[]): Invariant['breaches'] =>
  (facts) =>
    facts.models.flatMap((model) => judge(model, facts).map((breach) => `${model.name}: ${breach}`));
