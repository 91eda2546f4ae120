import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import type { InferenceAnswer, InferenceHost, InferenceRequest } from './inference-host.ts';
import type { Later } from './later.ts';
import type { ModelPlan } from './model-plan.ts';
import { predictAnswer } from './predict-answer.ts';
import type { Tensor } from './tensor.ts';

/** Does `?explain=` ask for the reasons of the predictions? @throws InvalidRequestError for another word than true or false. */
export const wantsExplanation = ({ query }: InferenceRequest): boolean => {
  const { explain } = query;
  if (explain === undefined || explain === 'false') return false;
  if (explain === 'true') return true;
  throw new InvalidRequestError(`explain must be true or false, got ${showValue(explain)}`);
};

/** The limit that `?counterfactual=` names. @throws InvalidRequestError for what is no number, or several rows. */
const limitOf = ({ query: { counterfactual } }: InferenceRequest, rowCount: number): number | undefined => {
  if (counterfactual === undefined) return undefined;
  const limit = counterfactual.trim() === '' ? Number.NaN : Number(counterfactual);
  if (!Number.isFinite(limit)) {
    throw new InvalidRequestError(
      `counterfactual must be the prediction that is to be crossed, a number, got ${showValue(counterfactual)}`,
    );
  }
  if (rowCount === 1) return limit;
  throw new InvalidRequestError(`counterfactual is looked for of one row, got ${rowCount}`);
};

type Encode = (outputs: readonly Tensor[], predictionIds: readonly string[]) => InferenceAnswer;

interface Explained {
  readonly inputs: readonly Tensor[];
  readonly rowCount: number;
  readonly single: boolean;
  readonly request: InferenceRequest;
}

/**
 * Scores rows and says why. What cannot be explained is refused before it is scored, so that a refusal is no prediction.
 * @throws InvalidRequestError for a model that is not explained here, and for more rows than are explained at once.
 */
export const explainedAnswer = async (
  host: InferenceHost,
  plan: ModelPlan,
  { inputs, rowCount, single, request }: Explained,
  score: (encode: Encode) => Later<InferenceAnswer>,
): Promise<InferenceAnswer> => {
  const limit = limitOf(request, rowCount);
  const explainer = await host.explainer?.(plan.model);
  if (explainer === undefined) {
    throw new InvalidRequestError(`predictions of ${plan.model.name} are not explained here: leave out explain`);
  }
  if (rowCount > explainer.mostRows) {
    throw new InvalidRequestError(
      `at most ${explainer.mostRows} rows of ${plan.model.name} are explained at once (by ${explainer.method}), got ${rowCount}`,
    );
  }
  let scored: Parameters<Encode> | undefined;
  const plain = await score((outputs, predictionIds) => {
    scored = [outputs, predictionIds];
    return predictAnswer(plan, outputs, predictionIds, single);
  });
  if (scored === undefined) return plain;
  const [outputs, predictionIds] = scored;
  const explanations = await explainer.explain(inputs, (outputs[0]?.data ?? []) as ArrayLike<number>);
  if (limit === undefined) return predictAnswer(plan, outputs, predictionIds, single, explanations);
  const counterfactual = (await explainer.counterfactual?.(inputs, limit)) ?? null;
  return predictAnswer(
    plan,
    outputs,
    predictionIds,
    single,
    explanations.map((explanation) => ({ ...explanation, counterfactual })),
  );
};
