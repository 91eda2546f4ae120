import type { FeatureValue } from '../inference/index.ts';

/**
 * Several models that answer as one: columns of what the caller sends and of what nodes give, joined by name. A node
 * is worked out for the rows that need it, once, and beside every other node that does not wait for it.
 */

/** What a caller sends, as a model's features. */
export interface CompositionInput {
  readonly name: string;
  readonly type: 'number' | 'category';
  readonly nullable: boolean;
}

/** One change of a column, row by row. Missing values pass every step but `fill` and `map`. */
export type TransformStep =
  /** Replaces a missing value. */
  | { readonly fill: number | string }
  /** Keeps a number within bounds. */
  | { readonly clip: { readonly min?: number | undefined; readonly max?: number | undefined } }
  /** number × by + plus */
  | { readonly scale: { readonly by: number; readonly plus: number } }
  /** Natural logarithm of (number + plus); a sum that is not positive fails the row. */
  | { readonly log: { readonly plus: number } }
  /** 1 from the bound on, 0 below it. */
  | { readonly threshold: number }
  /** A number or text for each category; `otherwise` for every other and for a missing one. Without it those fail. */
  | {
      readonly map: {
        readonly values: Readonly<Record<string, number | string>>;
        readonly otherwise?: number | string | undefined;
      };
    }
  /** Linear between the points [from, to], whose `from` rise; the ends beyond them. Calibrates a probability, say. */
  | { readonly curve: readonly (readonly [number, number])[] };

/** What a node that a model could not answer is worth. `skip`: nothing, and an ensemble goes on without it. */
export type FailurePolicy = 'fail' | 'skip' | { readonly value: number };

export interface TransformNode {
  readonly kind: 'transform';
  readonly name: string;
  readonly of: string;
  readonly steps: readonly TransformStep[];
}

export interface ModelNode {
  readonly kind: 'model';
  readonly name: string;
  readonly model: string;
  /** The column that each of the model's features is taken from. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly onFailure: FailurePolicy;
}

export interface EnsembleNode {
  readonly kind: 'ensemble';
  readonly name: string;
  readonly of: readonly string[];
  readonly by: 'mean' | 'median' | 'min' | 'max';
  /** Of the mean, one for each of `of`. */
  readonly weights?: readonly number[] | undefined;
  /** Fewest members that must have answered. */
  readonly minMembers: number;
}

export interface SwitchCase {
  readonly when: { readonly is: number | string } | { readonly below: number };
  readonly take: string;
}

/** The column of the first case that holds, row by row. */
export interface SwitchNode {
  readonly kind: 'switch';
  readonly name: string;
  readonly on: string;
  readonly cases: readonly SwitchCase[];
  readonly otherwise: string;
}

export type CompositionNode = TransformNode | ModelNode | EnsembleNode | SwitchNode;

export interface Composition {
  readonly name: string;
  readonly inputs: readonly CompositionInput[];
  readonly nodes: readonly CompositionNode[];
  /** The column that is the answer. */
  readonly output: string;
  /** For the whole of it, milliseconds. */
  readonly deadlineMs: number;
}

export type Row = Readonly<Record<string, FeatureValue>>;
