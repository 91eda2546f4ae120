import { expect, it } from 'vitest';
import { stageConfig } from '../../../infra/aws/config.ts';
import { loadModels } from '../../../infra/aws/models.ts';
import { compileEventPattern } from '../../../infra/local/events/event-pattern.ts';
import { type CauseGraph, causeGraph, findRing, findWay } from '../../helpers/proofs/cause-graph.ts';
import { changeMachine, changeTemplates } from '../../helpers/proofs/change-templates.ts';
import { deployedStage } from '../../helpers/proofs/deployed-stage.ts';
import { machinesOf } from '../../helpers/proofs/state-graph.ts';
import { taskBreaches } from '../../helpers/proofs/task-safety.ts';
import { definition, synthesise, type Template } from '../synthesise.ts';

type Templates = Readonly<Record<string, Template>>;

const image = `111111111111.dkr.ecr.us-east-1.amazonaws.com/trainer@sha256:${'0'.repeat(64)}`;
const { templates } = synthesise({
  stage: stageConfig('dev', { email: 'me@example.com' }),
  definitions: [
    definition('toys', { retraining: { schedule: 'rate(7 days)', onNewData: true } }),
    definition('on-sagemaker', { trainer: { kind: 'sagemaker', image, instanceType: 'ml.g5.xlarge' } }),
    definition('on-batch', { trainer: { kind: 'batch', image, gpus: 1, vcpus: 4, memoryMb: 16_000 } }),
  ],
});

const tasksOf = (given: Templates) => taskBreaches(machinesOf(deployedStage(given)));

/** An estimate that fails is no reason not to train; the run's outcome says that it was not weighed. */
const UNWEIGHED = ['toys', 'on-sagemaker', 'on-batch'].map(
  (model) => `millrace-dev-train-${model}/Estimate retraining may succeed after Train, where its failures go`,
);

it('bounds every task in time and attempts, and leads its failures to a Fail, but for one that is no condition', () => {
  expect(tasksOf(templates)).toEqual(UNWEIGHED);
  expect(machinesOf(deployedStage(templates)).map(({ name }) => name)).toEqual([
    'millrace-dev-model-upload',
    'millrace-dev-batch-scoring',
    'millrace-dev-reproduce-toys',
    'millrace-dev-train-toys',
    'millrace-dev-reproduce-on-sagemaker',
    'millrace-dev-train-on-sagemaker',
    'millrace-dev-reproduce-on-batch',
    'millrace-dev-train-on-batch',
    'millrace-dev-canary-rollout',
    'millrace-dev-drift-check',
  ]);
});

it.each([
  ['TimeoutSeconds', (state: Record<string, unknown>) => delete state.TimeoutSeconds, 'has no TimeoutSeconds'],
  ['Retry', (state: Record<string, unknown>) => delete state.Retry, 'retries no error by name'],
  [
    'a named Retry',
    (state: Record<string, unknown>) => {
      state.Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 3 }];
    },
    'retries no error by name',
  ],
  [
    'MaxAttempts',
    (state: Record<string, unknown>) => {
      state.Retry = [{ ErrorEquals: ['UnavailableError'] }];
    },
    'retries UnavailableError without MaxAttempts',
  ],
  ['Catch', (state: Record<string, unknown>) => delete state.Catch, 'catches not every error'],
  [
    'a Catch that fails',
    (state: Record<string, unknown>) => {
      state.Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Compared' }];
    },
    'may succeed after Compared, where its failures go',
  ],
])('sees a task without %s', (_, plant, breach) => {
  const planted = changeMachine(templates, 'drift-check', (stateOf) => {
    plant(stateOf('Detect drift'));
  });

  expect(tasksOf(planted)).toEqual([...UNWEIGHED, `millrace-dev-drift-check/Detect drift ${breach}`]);
});

it('sees a failure that is not kept until the end', () => {
  const planted = changeMachine(templates, 'drift-check', (stateOf) => {
    Object.assign(stateOf('Render pages'), { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'All told?' }] });
  });

  expect(tasksOf(planted)).toContain(
    'millrace-dev-drift-check/Render pages may succeed after All told?, where its failures go',
  );
});

/** Machines and how they may end badly of which no subscriber of the alarm topic would hear. */
const unheard = (given: Templates): readonly string[] => {
  const stage = deployedStage(given);
  const subscribed = new Set(stage.ofType('AWS::SNS::Subscription').map(({ properties }) => properties.TopicArn));
  const rules = stage
    .ofType('AWS::Events::Rule')
    .filter(
      ({ properties }) =>
        properties.EventBusName === undefined &&
        properties.State !== 'DISABLED' &&
        (properties.Targets as readonly { Arn: string }[]).some(({ Arn }) => subscribed.has(Arn)),
    );
  return machinesOf(stage).flatMap(({ name, arn: stateMachineArn }) =>
    ['FAILED', 'TIMED_OUT', 'ABORTED'].flatMap((status) => {
      const event = {
        source: 'aws.states',
        'detail-type': 'Step Functions Execution Status Change',
        detail: { status, stateMachineArn },
      };
      return rules.some(({ properties }) => compileEventPattern(properties.EventPattern)(event))
        ? []
        : [`${name} ${status}`];
    }),
  );
};

it('tells a subscriber of every execution that ends badly', () => {
  expect(unheard(templates)).toEqual([]);

  const planted = changeTemplates(
    templates,
    (id) => id.startsWith('ExecutionFailed'),
    (properties) => {
      (properties.EventPattern as { detail: { status: string[] } }).detail.status = ['FAILED', 'TIMED_OUT'];
    },
  );

  expect(unheard(planted)).toContain('millrace-dev-canary-rollout ABORTED');
});

/** Alarms that would ring in an empty room. */
const silent = (given: Templates): readonly string[] => {
  const stage = deployedStage(given);
  const topics = new Set(stage.ofType('AWS::SNS::Topic').map(({ arn }) => arn));
  return ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
    stage.ofType(type).flatMap(({ ref, properties }) => {
      const actions = (properties.AlarmActions ?? []) as readonly string[];
      return properties.ActionsEnabled !== false && actions.some((arn) => topics.has(arn)) ? [] : [ref];
    }),
  );
};

it('gives every alarm an action', () => {
  expect(silent(templates)).toEqual([]);
  expect(deployedStage(templates).ofType('AWS::CloudWatch::Alarm')).toHaveLength(3 * 4 + 7);

  for (const field of [{ AlarmActions: [] }, { ActionsEnabled: false }]) {
    const planted = changeTemplates(
      templates,
      (_, { Properties }) => Properties?.AlarmName === 'millrace-dev-toys-heartbeat',
      (properties) => Object.assign(properties, field),
    );
    expect(silent(planted)).toEqual(['millrace-dev-toys-heartbeat']);
  }
});

const DOOR = 'function millrace-dev-request-training';
const pipelines = (graph: CauseGraph) =>
  [...graph.keys()].filter((node) => node.startsWith('machine millrace-dev-train-'));
const ringsPastTheDoor = (given: Templates) => {
  const graph = causeGraph(deployedStage(given));
  return pipelines(graph).flatMap((pipeline) => {
    const ring = findRing(graph, pipeline, new Set([DOOR]));
    return ring === undefined ? [] : [ring.join(' → ')];
  });
};

it('has a training lead to the next one through the cool-down of request-training alone', () => {
  const graph = causeGraph(deployedStage(templates));
  const [pipeline = ''] = pipelines(graph);

  // The ring is there, and goes through the door: what is trained is served, drifts, and rings.
  expect(findRing(graph, pipeline)).toContain(DOOR);
  // The platform API reads captures to explain them, and asks for training when a person does: left out of this way.
  expect(findWay(graph, 'live', DOOR, new Set(['function millrace-dev-platform-api']))).toEqual([
    'live',
    expect.stringMatching(/^function/),
    expect.stringMatching(/^alarm millrace-dev-.*-drift$/),
    expect.stringMatching(/rings$/),
    expect.stringMatching(/^rule DriftAlarm/),
    DOOR,
  ]);
  expect(ringsPastTheDoor(templates)).toEqual([]);
});

it('names the ring of an alarm that would start a pipeline by itself', () => {
  const planted = changeTemplates(
    templates,
    (id) => id.startsWith('DriftAlarm'),
    (properties) => {
      properties.Targets = [
        { Id: 'T', Arn: 'arn:aws:states:us-east-1:111111111111:stateMachine:millrace-dev-train-toys' },
      ];
    },
  );

  expect(ringsPastTheDoor(planted)).toHaveLength(1);
  expect(ringsPastTheDoor(planted)[0]).toMatch(
    /^machine millrace-dev-train-toys → .* → live → .* → rule DriftAlarm\w+ → machine millrace-dev-train-toys$/,
  );
});

it('has no training bring the objects that ask for the next one', () => {
  const asks = (given: Templates) => {
    const graph = causeGraph(deployedStage(given));
    const writers = [...graph].filter(([node, next]) => node.startsWith('event object') && next.size > 0);
    return writers.map(([node]) => node);
  };
  expect(asks(templates)).toEqual([]);

  const planted = changeTemplates(
    templates,
    (id, { Type }) => Type === 'AWS::Events::Rule' && id.startsWith('NewData'),
    (properties) => {
      (properties.EventPattern as { detail: { object: unknown } }).detail.object = { key: [{ prefix: 'reports/' }] };
    },
  );

  expect(asks(planted)).toEqual([expect.stringMatching(/^event object reports\/m\/ in databucket/)]);
});

it('gives every model that trains by itself a cool-down', async () => {
  const automatic = (await loadModels()).filter(({ retraining }) => retraining.onDrift || retraining.onNewData);

  expect(automatic.map(({ name, retraining }) => [name, retraining.coolDownDays > 0])).toEqual(
    automatic.map(({ name }) => [name, true]),
  );
  expect(automatic.length).toBeGreaterThan(0);
});
