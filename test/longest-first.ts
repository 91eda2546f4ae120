import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of the embedded cloud that take longest, the longest first: begun last, one would leave a processor idle. */
const LONGEST = [
  'chaos',
  'iam',
  'kill',
  'drift-facts',
  'canary-day',
  'retraining',
  'training-causes',
  'kill-containers',
  'new-model',
  'rollout-deploys',
  'bad-input',
  'ecs-rollout',
  'chaos-planted',
  'client-model',
  'rollout',
  'year',
  'simulation',
];

const rank = ({ moduleId }: TestSpecification): number => {
  const [, name = ''] = /\/test\/e2e\/([\w-]+)\.test\.ts$/.exec(moduleId) ?? [];
  const place = LONGEST.indexOf(name);
  return place === -1 ? LONGEST.length : place;
};

/** The order of the files of a run. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    return others.toSorted((a, b) => rank(a) - rank(b));
  }
}
