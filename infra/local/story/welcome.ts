import { REFERENCE_PROFILE_FILE } from '../../../shared/contracts/artifacts.ts';
import type { ReferenceProfile } from '../../../shared/core/monitoring/index.ts';
import type { Observer } from './observer.ts';
import type { Platform } from './platform.ts';
import { STORY } from './schedule.ts';
import type { TrackingAccess } from './tracking-access.ts';

/** A typical row, by the reference profile of the newest version: means, and the most frequent categories. */
export const exampleFeatures = async (
  platform: Platform,
  observer: Observer,
): Promise<Readonly<Record<string, number | string>>> => {
  const newest = (await platform.versions(STORY.model)).at(-1);
  if (newest === undefined) return {};
  const bytes = await observer.readArtifact(`${newest.artifactPrefix}${REFERENCE_PROFILE_FILE}`);
  const { features }: ReferenceProfile = JSON.parse(new TextDecoder().decode(bytes));
  return Object.fromEntries(
    features.map((feature) => [
      feature.name,
      feature.type === 'number' ? Number((feature.mean ?? 0).toPrecision(3)) : (feature.categories[0] ?? ''),
    ]),
  );
};

/** What a person may call now, with a line that works as it stands. */
export const welcome = (options: {
  readonly endpoint: string;
  /** Where the models can be watched in a browser. */
  readonly pagesUrl: string;
  readonly predictUrl: string;
  readonly platformUrl: string;
  readonly tracking: TrackingAccess;
  readonly example: Readonly<Record<string, number | string>>;
}): string => {
  const { endpoint, pagesUrl, predictUrl, platformUrl, tracking, example } = options;
  const sign = '--aws-sigv4 aws:amz:us-east-1:execute-api --user local:local';
  return `
The APIs stay up until Ctrl-C; from here time is wall time.

  the models        ${pagesUrl} in a browser: drift, quality, canary, lineage
  a prediction      curl -s ${sign} -H 'content-type: application/json' \\
                      -d '${JSON.stringify({ features: example })}' \\
                      ${predictUrl}/models/${STORY.model}/predict
  its versions      curl -s ${sign} ${platformUrl}/models/${STORY.model}/versions
  any MLflow client MLFLOW_TRACKING_URI=${tracking.url} \\
                      MLFLOW_TRACKING_TOKEN=${tracking.token}
  any AWS client    AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 \\
                      AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
`;
};
