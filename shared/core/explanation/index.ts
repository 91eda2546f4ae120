export { type Counterfactual, findCounterfactual } from './counterfactual.ts';
export {
  type ExplainedModel,
  type Explainer,
  type Explanation,
  type ExplanationBasis,
  type ExplanationMethod,
  openExplainer,
} from './explainer.ts';
export {
  type FeatureImportance,
  meanContributions,
  permutationImportance,
  rankImportance,
} from './global-importance.ts';
export { enumerateShapley, type Game, kernelShap, type Random, type SampledContributions } from './kernel-shap.ts';
export { type PartialDependence, partialDependence } from './partial-dependence.ts';
export { type Columns, type FeatureInput, type Predict, pickRows, spreadRows, tensorsOf } from './rows.ts';
export { seededRandom } from './seeded-random.ts';
