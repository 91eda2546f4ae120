import type { FeatureViewDefinition, ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { showValue } from '../../shared/kernel/show-value.ts';

/** @throws NotFoundError */
export const viewOf = ({ name: model, featureViews = [] }: ModelDefinition, name: string): FeatureViewDefinition => {
  const view = featureViews.find((one) => one.name === name);
  if (view !== undefined) return view;
  const views = featureViews.map((one) => one.name).join(', ') || 'none';
  throw new NotFoundError(`model ${model} has no feature view ${showValue(name)}; it has ${views}`);
};
