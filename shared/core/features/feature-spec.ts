/** A feature as the model's definition declares it. */
export interface FeatureSpec {
  readonly name: string;
  readonly type: 'number' | 'category';
  /** Allowed range of a number, inclusive. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly nullable: boolean;
}

export type Task = 'binary-classification' | 'regression';
