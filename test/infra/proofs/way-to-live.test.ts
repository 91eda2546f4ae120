import { expect, it } from 'vitest';
import { stageConfig } from '../../../infra/aws/config.ts';
import { causeGraph, findWay, folderOf, sourcesOf } from '../../helpers/proofs/cause-graph.ts';
import { changeMachine, changeTemplates } from '../../helpers/proofs/change-templates.ts';
import { deployedStage } from '../../helpers/proofs/deployed-stage.ts';
import { managedPoliciesOf, rolesThatMay } from '../../helpers/proofs/role-powers.ts';
import { exploreStates, machinesOf, type Transition } from '../../helpers/proofs/state-graph.ts';
import { definition, synthesise, type Template } from '../synthesise.ts';

/**
 * No way leads to `live` with a new model but through evaluation and approval. Named exceptions, which never bring in a
 * model that was not approved: the reconciler (gives traffic back to the champion; starts rollouts of approved versions
 * and of code), rolling back, which the platform API alone can ask for (gives traffic to what served before), and the version that an endpoint is born with, which holds no model.
 */

type Templates = Readonly<Record<string, Template>>;

const { templates } = synthesise({
  stage: stageConfig('dev', { email: 'me@example.com' }),
  definitions: [
    definition('toys', { retraining: { schedule: 'rate(7 days)', onNewData: true } }),
    definition('births'),
  ],
});

const APPROVERS = ['function millrace-dev-decide-approval', 'function millrace-dev-platform-api'];
const EXCEPTIONS = ['function millrace-dev-reconcile-serving'];

const unapprovedWay = (given: Templates) =>
  findWay(causeGraph(deployedStage(given)), 'outside', 'live', new Set([...APPROVERS, ...EXCEPTIONS]));

const pipelines = (given: Templates) => machinesOf(deployedStage(given)).filter(({ name }) => name.includes('-train-'));
const statesPast = (given: Templates, machineName: string, cut: (way: Omit<Transition, 'to'>) => boolean) => {
  const machine = machinesOf(deployedStage(given)).find(({ name }) => name.endsWith(machineName));
  if (machine === undefined) throw new Error(`no machine ${machineName}`);
  return new Set(exploreStates(machine.definition, (way) => !cut(way)).nodes.map(({ state }) => state));
};

const passedGate = ({ from, way }: Omit<Transition, 'to'>) => from.state === 'Gate passed?' && way === 'Choice 0';
const evaluated = ({ from, way }: Omit<Transition, 'to'>) => from.state === 'Evaluate model' && way === 'Next';
const begun = ({ from, way }: Omit<Transition, 'to'>) => from.state === 'Begun?' && way === 'Choice 0';
const smokeTested = ({ from, way }: Omit<Transition, 'to'>) => from.state === 'Smoke test' && way === 'Next';

it('leads to live through an approval, by policy or by a person, or through the reconciler', () => {
  expect(unapprovedWay(templates)).toBeUndefined();

  const graph = causeGraph(deployedStage(templates));
  for (const approver of [...APPROVERS, ...EXCEPTIONS]) {
    const others = new Set([...APPROVERS, ...EXCEPTIONS].filter((one) => one !== approver));
    expect(findWay(graph, 'outside', 'live', others), approver).toContain(approver);
  }
});

it('lets nobody ask for a roll-back but the platform API, which knows who asks', () => {
  const graph = causeGraph(deployedStage(templates));
  const askers = [...graph].filter(([, to]) => to.has('function millrace-dev-roll-back')).map(([from]) => from);

  expect(askers).toEqual(['function millrace-dev-platform-api']);
  expect(graph.get('function millrace-dev-roll-back')?.has('live')).toBe(true);
});

it('names the way when a registered version would be rolled out unasked', () => {
  const planted = changeTemplates(
    templates,
    (id) => id.startsWith('ModelVersionApproved'),
    (properties) => {
      properties.EventPattern = { source: ['millrace'], 'detail-type': ['Model Version Registered'] };
    },
  );

  expect(unapprovedWay(planted)).toEqual([
    'outside',
    expect.stringMatching(/^(schedule|rule|api)/),
    'function millrace-dev-request-training',
    'machine millrace-dev-train-toys',
    'function millrace-dev-register-model-version',
    'event Model Version Registered',
    expect.stringMatching(/^rule ModelVersionApproved/),
    'machine millrace-dev-canary-rollout',
    'function millrace-dev-shift-traffic',
    'live',
  ]);
});

it('names the way when a schedule would start rollouts', () => {
  const planted = changeTemplates(
    templates,
    (id) => id.startsWith('ToysPipelineSchedule'),
    (properties) => {
      properties.Target = { Arn: 'arn:aws:states:us-east-1:111111111111:stateMachine:millrace-dev-canary-rollout' };
    },
  );

  expect(unapprovedWay(planted)?.slice(0, 3)).toEqual([
    'outside',
    'schedule train-toys',
    'machine millrace-dev-canary-rollout',
  ]);
});

it('registers and asks for approval only after an evaluation that passed the gate', () => {
  for (const { name } of pipelines(templates)) {
    for (const cut of [evaluated, passedGate]) {
      const states = statesPast(templates, name, cut);
      expect([...states]).toContain('Collect model');
      expect([...states]).not.toContain('Register model version');
      expect([...states]).not.toContain('Decide approval');
    }
  }
  expect(pipelines(templates)).toHaveLength(2);
});

it('sees a pipeline that skips its gate, in whichever way', () => {
  const gates: readonly Parameters<typeof changeMachine>[2][] = [
    // Begins as if it had been evaluated.
    (stateOf) => {
      stateOf('Own model?').Choices[0].Assign.phase = 'refit';
    },
    // A refusal goes on.
    (stateOf) => {
      stateOf('Gate passed?').Default = 'Profile model';
    },
    // An evaluation that fails counts as one that passed.
    (stateOf) => {
      stateOf('Evaluate model').Catch[0].Next = 'Register model version';
    },
  ];
  for (const plant of gates) {
    const planted = changeMachine(templates, 'train-toys', plant);
    expect([...statesPast(planted, 'train-toys', passedGate)]).toContain('Register model version');
  }
});

it('moves traffic only after a rollout has begun and its version was smoke-tested', () => {
  expect([...statesPast(templates, 'canary-rollout', begun)].toSorted()).toEqual([
    'Begin rollout',
    'Begun?',
    'Nothing to do',
    'Rollout failed',
  ]);
  expect([...statesPast(templates, 'canary-rollout', smokeTested)]).not.toContain('Shift traffic');

  const planted = changeMachine(templates, 'canary-rollout', (stateOf) => {
    stateOf('Begun?').Default = 'Publish version';
  });

  expect([...statesPast(planted, 'canary-rollout', begun)]).toContain('Shift traffic');
});

it('has one function each that registers, that begins rollouts, and two that decide', () => {
  const folders = deployedStage(templates)
    .ofType('AWS::Lambda::Function')
    .map(({ ref }) => folderOf(ref));
  const calling = (method: string) =>
    [...new Set(folders)].filter((folder) => sourcesOf(folder).includes(`.${method}(`)).toSorted();

  expect(calling('registerVersion')).toEqual(['register-model-version']);
  expect(calling('packageVersion')).toEqual(['register-model-version']);
  expect(calling('decideVersion')).toEqual(['decide-approval', 'platform-api']);
  expect(calling('approveVersion')).toEqual(['platform-api']);
  // Two only to go back to a version that was approved and served before: by a plan, or by the alias.
  expect(calling('startRollout')).toEqual(['begin-rollout', 'platform-api', 'roll-back']);
});

const powers = (given: Templates): Readonly<Record<string, readonly string[]>> => {
  const stage = deployedStage(given);
  const infer = stage.ofType('AWS::Lambda::Function').filter(({ ref }) => folderOf(ref) === 'infer');
  const of = (action: string, resource: string) =>
    rolesThatMay(stage, action, resource).map((id) => id.replace(/Role[0-9A-F]{8}$/, ''));
  const found = LIVE_ACTIONS.flatMap((action) => infer.flatMap(({ arn }) => [[action, of(action, arn)] as const]));
  const anywhere = FORBIDDEN.map((action) => [action, of(action, '*')] as const);
  return Object.fromEntries([...found, ...anywhere].filter(([, roles]) => roles.length > 0));
};

/** Whatever changes which code or which version an endpoint answers with. */
const LIVE_ACTIONS = [
  'lambda:UpdateAlias',
  'lambda:CreateAlias',
  'lambda:DeleteAlias',
  'lambda:UpdateFunctionCode',
  'lambda:UpdateFunctionConfiguration',
  'lambda:PublishVersion',
  'lambda:DeleteFunction',
  'lambda:CreateFunction',
  'lambda:PutFunctionConcurrency',
  'lambda:AddPermission',
];
/** Whatever would let a role take more than it has. */
const FORBIDDEN = [
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'iam:CreatePolicyVersion',
  'iam:UpdateAssumeRolePolicy',
  'iam:CreateAccessKey',
  'sts:AssumeRole',
  'cloudformation:UpdateStack',
  'cloudformation:ExecuteChangeSet',
  'lambda:CreateEventSourceMapping',
  'states:UpdateStateMachine',
];

it('lets no role move live but those of the rollout, of rolling back and of the reconciler', () => {
  expect(powers(templates)).toEqual({
    'lambda:UpdateAlias': ['ReconcileServing', 'RollBack', 'ShiftTraffic'],
    'lambda:UpdateFunctionConfiguration': ['PublishVersion'],
    'lambda:PublishVersion': ['PublishVersion'],
    'lambda:DeleteFunction': ['FinishRollout'],
  });
  expect(managedPoliciesOf(deployedStage(templates)).map((one) => one.split('/').at(-1))).toEqual([
    'AmazonAPIGatewayPushToCloudWatchLogs',
  ]);
});

it.each([
  ['an exact action', 'lambda:UpdateAlias', 'arn:aws:lambda:*:111111111111:function:*', 'lambda:UpdateAlias'],
  ['a wildcard action', 'lambda:Upd*Alias', '*', 'lambda:UpdateAlias'],
  ['every action', '*', '*', 'iam:PutRolePolicy'],
  ['another role to take', 'sts:AssumeRole', 'arn:aws:iam::111111111111:role/*', 'sts:AssumeRole'],
])('sees a role that is given %s', (_, Action, Resource, power) => {
  const planted = changeTemplates(
    templates,
    (id) => id.startsWith('TrainModelRole'),
    (properties) => {
      const [{ PolicyDocument }] = properties.Policies as [{ PolicyDocument: { Statement: object[] } }];
      PolicyDocument.Statement.push({ Effect: 'Allow', Action, Resource });
    },
  );

  expect(powers(planted)[power]).toContain('TrainModel');
});
