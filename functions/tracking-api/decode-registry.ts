import type { Fields } from '../../shared/contracts/http/mlflow/fields.ts';
import { type Authorship, requireModelName, requireRegistryTag } from '../../shared/core/registry/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { shorten } from '../../shared/kernel/show-value.ts';
import { decodeKeyValue } from './decode-tracking.ts';
import type { MlflowCall } from './mlflow-route.ts';

/** Parts of requests about the registry, from MLflow's messages to our data. */

export const modelNameOf = (input: Fields, parameter = 'name'): string =>
  requireModelName(input.requiredText(parameter), parameter);

/** @throws InvalidRequestError for what is no integer. */
export const versionOf = (input: Fields): number => {
  const text = input.requiredText('version');
  if (/^[+-]?\d{1,15}$/.test(text.trim())) return Number(text);
  throw new InvalidRequestError(`Parameter 'version' must be an integer, got '${shorten(text)}'.`);
};

/** Of a key given twice the last value counts. */
export const registryTagsOf = (input: Fields): Readonly<Record<string, string>> =>
  Object.fromEntries(
    input.objects('tags').map((field) => {
      const { key, value } = decodeKeyValue(field);
      requireRegistryTag(key, value);
      return [key, value] as const;
    }),
  );

export const registryTagOf = (input: Fields): { readonly key: string; readonly value: string } => {
  const { key, value } = decodeKeyValue(input);
  requireRegistryTag(key, value);
  return { key, value };
};

export const authorOf = ({ principal, nowMs }: MlflowCall): Authorship => ({ principal, atMs: nowMs });
