import { isoTime } from '../../kernel/time.ts';
import type { WebhookEvent } from './webhook.ts';

/** What a webhook receives, as MLflow sends it (https://mlflow.org/docs/latest/ml/webhooks). */

/** Python's form of UTC, which every reader of ISO 8601 takes; not all of them take a `Z`. */
const timestampOf = (atMs: number): string => isoTime(atMs).replace('Z', '+00:00');

/** The body: the same text in every attempt, since it is what is signed. */
export const webhookBody = (
  { entity, action }: WebhookEvent,
  data: Readonly<Record<string, unknown>>,
  atMs: number,
): string => JSON.stringify({ entity, action, timestamp: timestampOf(atMs), data });

const NAME = 'example_model';
const PROMPT = 'example_prompt';
const TAG = { key: 'example_key', value: 'example_value' } as const;
const TAGS = { example_key: 'example_value' } as const;

/** What a test sends, by entity; of a deletion without the value. */
const EXAMPLES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  registered_model: { name: NAME, tags: TAGS, description: 'An example registered model' },
  model_version: {
    name: NAME,
    version: '1',
    source: 'models:/123',
    run_id: 'abcd1234abcd5678',
    tags: TAGS,
    description: 'An example model version',
  },
  model_version_tag: { name: NAME, version: '1', ...TAG },
  model_version_alias: { name: NAME, alias: 'example_alias', version: '1' },
  prompt: { name: PROMPT, tags: TAGS, description: 'An example prompt' },
  prompt_version: {
    name: PROMPT,
    version: '1',
    template: 'Hello {{name}}!',
    tags: TAGS,
    description: 'An example prompt version',
  },
  prompt_tag: { name: PROMPT, ...TAG },
  prompt_version_tag: { name: PROMPT, version: '1', ...TAG },
  prompt_alias: { name: PROMPT, alias: 'example_alias', version: '1' },
};

export const exampleData = ({ entity, action }: WebhookEvent): Readonly<Record<string, unknown>> => {
  const example = EXAMPLES[entity] ?? {};
  if (action !== 'deleted') return example;
  const { value: _, ...rest } = example;
  if (!('alias' in rest)) return rest;
  const { version: __, ...alias } = rest;
  return alias;
};
