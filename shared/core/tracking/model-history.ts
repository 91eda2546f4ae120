import { InvalidRequestError } from '../../kernel/errors.ts';

/** The run's tag in which clients before MLflow 3 keep the models that they logged: a JSON list. */
export const MODEL_HISTORY_TAG = 'mlflow.log-model.history';

/** Longer than other tags may be, since cutting it would break the JSON; short enough for the run's item. */
const LONGEST_HISTORY = 64_000;

const MANDATORY = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'] as const;
const KEPT = ['run_id', 'artifact_path', 'utc_time_created', 'model_uuid'] as const;

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A flavor without its `config`, which may be long. */
const flavorSummary = (flavor: unknown): unknown => {
  if (!isObject(flavor)) return flavor;
  return Object.fromEntries(Object.entries(flavor).filter(([key]) => key !== 'config'));
};

/** What is kept of a model. */
const summaryOf = (model: JsonObject): JsonObject => ({
  ...Object.fromEntries(KEPT.filter((key) => Object.hasOwn(model, key)).map((key) => [key, model[key]])),
  flavors: Object.fromEntries(
    Object.entries(isObject(model.flavors) ? model.flavors : {}).map(([name, flavor]) => [name, flavorSummary(flavor)]),
  ),
});

/**
 * The tag's next value: the list with the model at its end; the very same model again changes nothing.
 * @param history The tag's value so far.
 * @param modelJson What an MLmodel file says, in JSON.
 * @throws InvalidRequestError for what is no such JSON, for a tag that is no list, and beyond 64,000 characters.
 */
export const appendToModelHistory = (history: string | undefined, modelJson: string): string => {
  const model = parsed(modelJson);
  if (!isObject(model)) {
    throw new InvalidRequestError(`Malformed model info. \n ${modelJson.slice(0, 500)} \n is not a valid JSON.`);
  }
  const missing = MANDATORY.filter((key) => !Object.hasOwn(model, key));
  if (missing.length > 0) {
    throw new InvalidRequestError(
      `Model json is missing mandatory fields: {${missing.map((key) => `'${key}'`).join(', ')}}`,
    );
  }
  const models = history === undefined ? [] : parsed(history);
  if (!Array.isArray(models)) {
    throw new InvalidRequestError(`the run's tag ${MODEL_HISTORY_TAG} must hold a list in JSON to be added to`);
  }
  const entry = JSON.stringify(summaryOf(model));
  const entries = models.map((known) => JSON.stringify(known));
  const next = entries.includes(entry) ? entries : [...entries, entry];
  const text = `[${next.join(',')}]`;
  if (text.length > LONGEST_HISTORY) {
    throw new InvalidRequestError(
      `the run's tag ${MODEL_HISTORY_TAG} may have ${LONGEST_HISTORY} characters, got ${text.length}`,
    );
  }
  return text;
};
