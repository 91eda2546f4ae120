import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import type { Cloud } from '../cloud.ts';
import { STORY } from './schedule.ts';

/** A row within every feature's declared range, to try a prediction with. */
const exampleFeatures = ({ features }: ModelDefinition): Readonly<Record<string, number | string>> =>
  Object.fromEntries(
    features.map(({ name, type, min, max }) => {
      if (type === 'category') return [name, ''];
      const middle = ((min ?? 0) + (max ?? 2 * (min ?? 0))) / 2;
      return [name, Math.min(Math.round(middle * 100) / 100, 1_000)];
    }),
  );

/** What a person may call now, with a line that works as it stands. */
export const welcome = (
  cloud: Cloud,
  predictUrl: string,
  platformUrl: string,
  definitions: readonly ModelDefinition[],
): string => {
  const definition = definitions.find(({ name }) => name === STORY.model);
  const body = JSON.stringify({ features: definition ? exampleFeatures(definition) : {} });
  const sign = '--aws-sigv4 aws:amz:us-east-1:execute-api --user local:local';
  return `
The APIs stay up until Ctrl-C; from here time is wall time.

  a prediction      curl -s ${sign} -H 'content-type: application/json' \\
                      -d '${body}' \\
                      ${predictUrl}/models/${STORY.model}/predict
  its versions      curl -s ${sign} ${platformUrl}/models/${STORY.model}/versions
  any AWS client    AWS_ENDPOINT_URL=${cloud.endpoint} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
`;
};
