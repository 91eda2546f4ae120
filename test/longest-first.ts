import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of the embedded cloud that take longest, the longest first: begun last, one would leave a processor idle. */
const LONGEST = [
  'iam',
  'kill',
  'chaos',
  'drift-facts',
  'canary-day',
  'kill-containers',
  'rollout',
  'retraining',
  'client-model',
  'new-model',
  'training-causes',
  'command-line',
  'chaos-planted',
  'rollout-deploys',
  'bad-input',
  'year',
  'exact-routing',
  'ecs-rollout',
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
