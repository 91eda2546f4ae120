import { InvalidRequestError } from '../../kernel/errors.ts';
import { validateKey } from '../tracking/index.ts';

/** Tags of registered models and model versions: MLflow's rules, in its words. */

const LONGEST_VALUE = 100_000;

/** @throws InvalidRequestError */
export const requireRegistryTagKey = (key: string): string => validateKey(key, 'key', 'key');

/** @throws InvalidRequestError */
export const requireRegistryTag = (key: string, value: string): void => {
  requireRegistryTagKey(key);
  if (value.length <= LONGEST_VALUE) return;
  throw new InvalidRequestError(`'value' exceeds the maximum length of ${LONGEST_VALUE} characters`);
};

/** Marks what MLflow keeps in the registry beside models. */
export const IS_PROMPT_TAG = 'mlflow.prompt.is_prompt';

export const isPrompt = (tags: Readonly<Record<string, string>>): boolean =>
  Object.hasOwn(tags, IS_PROMPT_TAG) && tags[IS_PROMPT_TAG]?.toLowerCase() === 'true';
