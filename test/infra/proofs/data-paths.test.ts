import { expect, it } from 'vitest';
import { stageConfig } from '../../../infra/aws/config.ts';
import { changeMachine } from '../../helpers/proofs/change-templates.ts';
import { dataPathBreaches } from '../../helpers/proofs/data-paths.ts';
import { type DeployedStage, deployedStage } from '../../helpers/proofs/deployed-stage.ts';
import { readsOf } from '../../helpers/proofs/expression-reads.ts';
import { machinesOf } from '../../helpers/proofs/state-graph.ts';
import { definition, synthesise, type Template } from '../synthesise.ts';

const image = `111111111111.dkr.ecr.us-east-1.amazonaws.com/trainer@sha256:${'0'.repeat(64)}`;
const { templates } = synthesise({
  stage: stageConfig('dev', { email: 'me@example.com' }),
  definitions: [
    definition('toys'),
    definition('on-sagemaker', { trainer: { kind: 'sagemaker', image, instanceType: 'ml.g5.xlarge' } }),
    definition('on-batch', { trainer: { kind: 'batch', image, gpus: 1, vcpus: 4, memoryMb: 16_000 } }),
  ],
});

/** The fields that schedules and rules give a machine; functions that start one are not known here. */
const inputsOf = (stage: DeployedStage, machineArn: string): readonly (ReadonlySet<string> | undefined)[] => {
  const schedules = stage.ofType('AWS::Scheduler::Schedule').flatMap(({ properties }) => {
    const { Arn, Input } = properties.Target as { readonly Arn: string; readonly Input: string };
    return Arn === machineArn ? [Input] : [];
  });
  const rules = stage
    .ofType('AWS::Events::Rule')
    .flatMap(({ properties }) =>
      (properties.Targets as readonly { Arn: string; InputTransformer?: { InputTemplate: string } }[]).flatMap(
        (target) =>
          target.Arn === machineArn && target.InputTransformer ? [target.InputTransformer.InputTemplate] : [],
      ),
    );
  // Placeholders stand for values: `{"version":<detail-version>}`.
  const texts = [...schedules, ...rules].map((text) => text.replaceAll(/:<[^>]+>/g, ':0'));
  const known = texts.map((text) => new Set(Object.keys(JSON.parse(text) as object)));
  return known.length > 0 ? known : [undefined];
};

const breachesOf = (given: Readonly<Record<string, Template>>): readonly string[] => {
  const stage = deployedStage(given);
  return machinesOf(stage).flatMap((machine) => dataPathBreaches(machine, inputsOf(stage, machine.arn)));
};

it('assigns every variable before it is read, and gives every field that the next state reads', () => {
  expect(breachesOf(templates)).toEqual([]);
});

it('reads variables, inputs and results out of expressions, and not what an expression names itself', () => {
  expect(readsOf('{% ($x := $plan.steps[$stepIndex]; $map($list, function($v) { $v + $x })) %}').variables).toEqual(
    new Set(['plan', 'stepIndex', 'list']),
  );
  expect(
    readsOf({ a: '{% $parse($states.errorOutput.Cause).errorMessage %}', b: ['{% $states.input.model %}'], c: '$no' })
      .stateFields,
  ).toEqual(new Set(['errorOutput.Cause', 'input.model']));
  expect(
    readsOf('{% $exists($states.input.asked) ? $states.input.asked & $states.input.by : $states.input.no %}')
      .stateFields,
  ).toEqual(new Set(['input.by', 'input.no']));
});

type StateOf = Parameters<Parameters<typeof changeMachine>[2]>[0];

it.each([
  [
    'a variable that is never assigned',
    'train-toys',
    (stateOf: StateOf) => {
      stateOf('Snapshot data').Assign = {};
    },
    'millrace-dev-train-toys/Build features reads $snapshotId, which is not assigned on every way to it',
  ],
  [
    'a variable that is not assigned on the way of a failure',
    'train-on-batch',
    (stateOf: StateOf) => {
      delete stateOf('Build features').Catch[0].Assign.errorCause;
    },
    'millrace-dev-train-on-batch/Fail run reads $errorCause, which is not assigned on every way to it',
  ],
  [
    'a variable that is assigned on one branch only',
    'canary-rollout',
    (stateOf: StateOf) => {
      stateOf('Smoke test').Catch[0].Assign = {};
    },
    'millrace-dev-canary-rollout/Roll back reads $verdict, which is not assigned on every way to it',
  ],
  [
    'an output without the field that the next state reads',
    'train-on-sagemaker',
    (stateOf: StateOf) => {
      stateOf('Train').Output = '{% {} %}';
    },
    'millrace-dev-train-on-sagemaker/Collect model reads $states.input.prefix, which Train does not give',
  ],
  [
    'an input that its schedule does not have',
    'drift-check',
    (stateOf: StateOf) => {
      stateOf('Plan folds').Arguments.Payload.day = '{% $states.input.day %}';
    },
    'millrace-dev-drift-check/Plan folds reads $states.input.day, which who starts it (1) does not give',
  ],
  [
    'a result before the task ran',
    'drift-check',
    (stateOf: StateOf) => {
      stateOf('Detect drift').Arguments.Payload.version = '{% $states.result.Payload.version %}';
    },
    'millrace-dev-drift-check/Detect drift reads $states.result.Payload where there is none',
  ],
])('sees %s', (_, machineName, plant, breach) => {
  expect(breachesOf(changeMachine(templates, machineName, plant))).toContain(breach);
});
