import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createScalingService,
  type ScalingService,
} from '../../../../../infra/local/applicationautoscaling/service.ts';
import { type CloudWatchService, createCloudWatchService } from '../../../../../infra/local/cloudwatch/service.ts';
import { jsonCall } from '../../../../../shared/adapters/sigv4/json-call.ts';
import { createScalableTargets } from '../../../../../shared/adapters/sigv4/scalable-targets.ts';
import { createSignedClient, type SignedClient } from '../../../../../shared/adapters/sigv4/signed-client.ts';
import { CLOSED_SCALING } from '../../../../../shared/contracts/service-tasks.ts';
import { MINUTE_MS } from '../../../../../shared/kernel/time.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

/** Target tracking in virtual time, with the alarms of a real CloudWatch and a service that is a number. */

const RESOURCE = 'service/serving/toy';
const LABEL = 'app/inner/1/targetgroup/toy/2';
const OPEN = { scaleIn: false, scaleOut: false };

let local: StartedService;
let monitoring: CloudWatchService;
let client: SignedClient;
let targets: ReturnType<typeof createScalableTargets>;
const service = { desiredCount: 2, deploying: false };

beforeAll(async () => {
  let scaling: ScalingService;
  local = await startLocalService(
    [
      (context) => {
        monitoring = createCloudWatchService(context);
        return monitoring;
      },
      (context) => {
        const services = {
          read: (resourceId: string) => (resourceId === RESOURCE ? service : undefined),
          set: (_: string, desiredCount: number) => {
            service.desiredCount = desiredCount;
          },
        };
        scaling = createScalingService(context, { services, alarms: monitoring.alarms });
        return scaling;
      },
    ],
    { ports: { deliver: (policyArn) => scaling.deliver(policyArn) } },
  );
  client = createSignedClient({
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: local.endpoint,
      AWS_ACCESS_KEY_ID: local.clientConfig.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: local.clientConfig.credentials.secretAccessKey,
    },
    nowMs: () => local.clock.nowMs(),
  });
  targets = createScalableTargets(client);
});
afterAll(() => local?.stop());

const ask = async (operation: string, input: object): Promise<Record<string, unknown>> => {
  const target = `AnyScaleFrontendService.${operation}`;
  const place = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount', ResourceId: RESOURCE };
  const call = jsonCall(client, 'application-autoscaling', { version: '1.1', target });
  return (await call(JSON.stringify({ ...place, ...input }))) as Record<string, unknown>;
};

const putPolicy = (name: string, configuration: object) =>
  ask('PutScalingPolicy', {
    PolicyName: name,
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: { ScaleOutCooldown: 60, ScaleInCooldown: 300, ...configuration },
  });

/** So many requests in each of so many minutes, shared by the tasks. @returns the number of tasks after each */
const minutes = async (count: number, requestCount: number): Promise<readonly number[]> => {
  const counts: number[] = [];
  const dimensions = { TargetGroup: 'targetgroup/toy/2', LoadBalancer: 'app/inner/1' };
  for (let minute = 0; minute < count; minute += 1) {
    if (requestCount > 0)
      monitoring.putMetric({
        namespace: 'AWS/ApplicationELB',
        name: 'RequestCountPerTarget',
        dimensions,
        value: requestCount / Math.max(1, service.desiredCount),
      });
    await local.clock.advanceBy(MINUTE_MS);
    counts.push(service.desiredCount);
  }
  return counts;
};

describe('a scalable target', () => {
  it('is of a service that is there', async () => {
    await expect(
      ask('RegisterScalableTarget', { ResourceId: 'service/serving/none', MinCapacity: 1, MaxCapacity: 2 }),
    ).rejects.toThrow("ECS service doesn't exist: service/serving/none");
    await expect(ask('RegisterScalableTarget', { MinCapacity: 3, MaxCapacity: 2 })).rejects.toThrow(
      'Maximum capacity cannot be less than minimum capacity',
    );
    await expect(putPolicy('early', {})).rejects.toThrow(/PredefinedMetricSpecification is required/);
  });

  it('brings its service within its bounds when they are set, and says why', async () => {
    expect(await targets.registered([RESOURCE])).toEqual(new Set());
    await targets.setBounds(RESOURCE, { min: 3, max: 8, suspended: OPEN });
    expect(service.desiredCount).toBe(3);
    await targets.setBounds(RESOURCE, { min: 1, max: 2, suspended: OPEN });
    expect(service.desiredCount).toBe(2);

    expect(await targets.registered([RESOURCE, 'service/serving/other'])).toEqual(new Set([RESOURCE]));
    const { ScalingActivities } = await ask('DescribeScalingActivities', {});
    expect(ScalingActivities).toMatchObject([
      { Description: 'Setting desired count to 2.', Cause: 'maximum capacity was set to 2' },
      { Description: 'Setting desired count to 3.', Cause: 'minimum capacity was set to 3' },
    ]);
  });

  it('leaves a service as it is while it is closed', async () => {
    service.desiredCount = 0;
    await targets.setBounds(RESOURCE, CLOSED_SCALING);

    expect(service.desiredCount).toBe(0);
    const { ScalableTargets } = await ask('DescribeScalableTargets', { ResourceId: undefined });
    expect(ScalableTargets).toMatchObject([
      { MinCapacity: 0, SuspendedState: { DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true } },
    ]);
  });
});

describe('a policy by requests', () => {
  beforeAll(async () => {
    service.desiredCount = 2;
    await targets.setBounds(RESOURCE, { min: 1, max: 8, suspended: OPEN });
    await putPolicy('requests', {
      TargetValue: 100,
      PredefinedMetricSpecification: { PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel: LABEL },
    });
  });

  it('has two alarms, above its target for three minutes and well below it for fifteen', async () => {
    const { ScalingPolicies } = await ask('DescribeScalingPolicies', {});
    const [policy] = ScalingPolicies as [{ readonly Alarms: readonly { readonly AlarmName: string }[] }];

    expect(policy.Alarms.map(({ AlarmName }) => AlarmName)).toEqual([
      expect.stringMatching(/^TargetTracking-service\/serving\/toy-AlarmHigh-/),
      expect.stringMatching(/^TargetTracking-service\/serving\/toy-AlarmLow-/),
    ]);
  });

  it('scales out after three minutes to what is asked, and to its maximum', async () => {
    expect(new Set(await minutes(16, 190))).toEqual(new Set([2]));

    const [first, second, third, ...after] = await minutes(8, 480);
    expect([first, second]).toEqual([2, 2]);
    expect(third).toBe(5);
    expect(new Set(after)).toEqual(new Set([5]));
    expect((await minutes(8, 5_000)).at(-1)).toBe(8);
  });

  it('scales in after fifteen minutes, one task in each cooldown, and not below its minimum', async () => {
    const counts = await minutes(60, 0);

    expect([14, 15, 16]).toContain(counts.filter((one) => one === 8).length);
    for (const count of [7, 6, 5, 4, 3, 2]) expect(counts.filter((one) => one === count)).toHaveLength(5);
    expect(counts.at(-1)).toBe(1);
  });

  it('does nothing while it is suspended, and what is left to do once it is not', async () => {
    await targets.setBounds(RESOURCE, { min: 1, max: 8, suspended: { scaleIn: true, scaleOut: true } });
    expect(new Set(await minutes(5, 400))).toEqual(new Set([1]));

    await targets.setBounds(RESOURCE, { min: 1, max: 8, suspended: { scaleIn: true, scaleOut: false } });
    expect(service.desiredCount).toBe(4);
    expect(new Set(await minutes(20, 0))).toEqual(new Set([4]));
  });

  it('takes nothing away while the service deploys', async () => {
    service.deploying = true;
    await targets.setBounds(RESOURCE, { min: 1, max: 8, suspended: OPEN });
    expect(new Set(await minutes(5, 0))).toEqual(new Set([4]));

    service.deploying = false;
    await minutes(1, 0);
    expect(service.desiredCount).toBe(3);
  });

  it('is not held up by one whose metric nobody knows, and is by one that is busy', async () => {
    await putPolicy('processors', {
      TargetValue: 60,
      PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
    });
    await minutes(6, 0);
    expect(service.desiredCount).toBe(2);

    const dimensions = { ClusterName: 'serving', ServiceName: 'toy' };
    for (let minute = 0; minute < 8; minute += 1) {
      monitoring.putMetric({ namespace: 'AWS/ECS', name: 'CPUUtilization', dimensions, value: 58 });
      await local.clock.advanceBy(MINUTE_MS);
    }
    expect(service.desiredCount).toBe(2);
  });

  it('goes with its alarms', async () => {
    const [, before] = [await ask('DeleteScalingPolicy', { PolicyName: 'processors' }), service.desiredCount];
    await ask('DeregisterScalableTarget', {});
    await minutes(20, 500);

    expect(service.desiredCount).toBe(before);
    expect(await targets.registered([RESOURCE])).toEqual(new Set());
    await expect(ask('DeregisterScalableTarget', {})).rejects.toThrow('No scalable target registered');
    expect(local.recorded.problems).toEqual([]);
  });
});
