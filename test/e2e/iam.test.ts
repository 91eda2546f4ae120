import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MutationResult } from '../../infra/local/iam/drill/mutate.ts';
import { describeGrant, superfluous } from '../../infra/local/iam/drill/report.ts';
import { type Drill, runDrill } from '../../infra/local/iam/drill/run-drill.ts';
import { builtBefore } from '../helpers/built-functions.ts';

/**
 * The template's policies, by the run of everything that they are for: nothing is denied, nothing is granted in vain,
 * and what is taken away is missed by name. `npm run iam -- --mutate` takes every permission away in turn.
 */

const DRILL_LIMIT_MS = 900_000;

/**
 * One for each way in which a permission is granted: by a function's role, a role that a service takes on, a state
 * machine's role, a resource's policy, a key's, an API's.
 */
const SAMPLE: readonly RegExp[] = [
  /RequestTrainingRole\w+ function\[\d\] dynamodb:UpdateItem$/,
  /SchedulerRole\w+ schedules\[\d\] sqs:SendMessage$/,
  /CanaryRolloutRole\w+ workflow\[0\] lambda:InvokeFunction$/,
  /AlarmTopicPolicy\w+ resource\[\d\] sns:Publish$/,
  /Key\w+ resource\[1\] kms:GenerateDataKey$/,
  /ApiPlatformApiPermission\w+ resource\[0\] lambda:InvokeFunction$/,
];

describe('the policies of the template', () => {
  let drill: Drill;
  beforeAll(async () => {
    drill = await runDrill(() => {}, await builtBefore());
  }, DRILL_LIMIT_MS);
  afterAll(() => drill?.close());

  it('deny nothing that the platform does', () => {
    const { failures, denials } = drill.report;

    expect({ failures, denials }).toEqual({ failures: [], denials: [] });
  });

  it('grant nothing that the platform does not need', () => {
    expect(superfluous(drill.report).map(({ grant }) => describeGrant(grant))).toEqual([]);
  });

  it('are missed by name when a permission is taken away', { timeout: DRILL_LIMIT_MS }, async () => {
    const first = SAMPLE.map((line) => drill.report.grants.find(({ grant }) => line.test(describeGrant(grant)))?.grant);
    expect(first.filter((grant) => grant === undefined)).toEqual([]);

    const results: readonly MutationResult[] = await drill.mutate(
      (grant) => first.includes(grant),
      () => {},
    );

    expect(results.filter(({ found }) => !found)).toEqual([]);
    expect(results).toHaveLength(SAMPLE.length);
  });
});
