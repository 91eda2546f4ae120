import { InvalidRequestError } from '../../kernel/errors.ts';
import type { DatasetInput } from './run.ts';
import { checkLength } from './text-limits.ts';

const MAX_DATASETS = 1_000;
const MAX_LENGTHS = {
  name: 500,
  digest: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
  tagKey: 255,
  tagValue: 500,
} as const;

const prepareDataset = ({ name, digest, sourceType, source, schema, profile, tags }: DatasetInput): DatasetInput => ({
  name: checkLength(name, MAX_LENGTHS.name, 'name'),
  digest: checkLength(digest, MAX_LENGTHS.digest, 'digest'),
  sourceType: checkLength(sourceType, MAX_LENGTHS.name, 'source_type'),
  source: checkLength(source, MAX_LENGTHS.source, 'source'),
  ...(schema === undefined ? {} : { schema: checkLength(schema, MAX_LENGTHS.schema, 'schema') }),
  ...(profile === undefined ? {} : { profile: checkLength(profile, MAX_LENGTHS.profile, 'profile') }),
  tags: Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [
      checkLength(key, MAX_LENGTHS.tagKey, 'key'),
      checkLength(value, MAX_LENGTHS.tagValue, 'value'),
    ]),
  ),
});

/**
 * Checks the datasets of one call.
 * @throws InvalidRequestError for more than 1,000, and for name, digest, source, schema, profile or tags beyond their
 * lengths.
 */
export const prepareDatasetInputs = (inputs: readonly DatasetInput[]): readonly DatasetInput[] => {
  if (inputs.length > MAX_DATASETS) {
    throw new InvalidRequestError(`one call logs at most ${MAX_DATASETS} datasets, got ${inputs.length}`);
  }
  return inputs.map(prepareDataset);
};
