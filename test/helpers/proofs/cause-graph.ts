import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileEventPattern, type EventTest } from '../../../infra/local/events/event-pattern.ts';
import { EVENT_SCHEMAS, EVENT_SOURCE } from '../../../shared/contracts/events.ts';
import type { DeployedResource, DeployedStage } from './deployed-stage.ts';
import { overlaps, rolesThatMay } from './role-powers.ts';
import { machinesOf } from './state-graph.ts';

/**
 * Who may lead to whom in a stage: schedules, APIs, rules, functions, machines, events, alarms, and `live`, what the
 * endpoints serve. Permissions are taken for deeds: a role that may start a machine starts it. Only which of our events a
 * function publishes is read from its sources, as literals after `publish(`: `events:PutEvents` allows them all.
 */
export type CauseGraph = ReadonlyMap<string, ReadonlySet<string>>;

const FUNCTIONS = join(import.meta.dirname, '../../../functions');
const ALIAS_ACTIONS = ['lambda:UpdateAlias', 'lambda:CreateAlias', 'lambda:DeleteAlias'];

/** The folder of a function by its name: every inference function is made from `infer`. */
export const folderOf = (functionName: string): string => {
  const rest = functionName.replace(/^millrace-[a-z0-9]+-/, '');
  return rest.startsWith('infer-') ? 'infer' : rest;
};

/** The sources of a function's own folder. */
export const sourcesOf = (folder: string): string =>
  readdirSync(join(FUNCTIONS, folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(FUNCTIONS, folder, file), 'utf8'))
    .join('\n');

interface Rule {
  readonly node: string;
  readonly bus: string;
  readonly matches: EventTest;
  readonly targets: readonly string[];
}

const nodeOfArn = (arn: string): string => {
  const [, , service = '', , , ...rest] = arn.split(':');
  const [kind, name] = rest;
  if (service === 'lambda') return `function ${name}`;
  if (service === 'states') return `machine ${name}`;
  return `${service} ${kind}`;
};

const rulesOf = (stage: DeployedStage): readonly Rule[] =>
  stage.ofType('AWS::Events::Rule').map(({ logicalId, properties }) => ({
    node: `rule ${logicalId}`,
    bus: String(properties.EventBusName ?? 'default'),
    matches: compileEventPattern(properties.EventPattern),
    targets: (properties.Targets as readonly { readonly Arn: string }[]).map(({ Arn }) => nodeOfArn(Arn)),
  }));

interface Builder {
  readonly stage: DeployedStage;
  readonly rules: readonly Rule[];
  readonly add: (from: string, to: string) => void;
  /** Adds the event and an edge to every rule that it matches. */
  readonly addEvent: (from: string, name: string, bus: string, event: object) => void;
}

const functionsWithRole = (stage: DeployedStage, roleId: string): readonly string[] =>
  stage
    .ofType('AWS::Lambda::Function')
    .filter(({ properties }) => String(properties.Role).endsWith(`role/${roleId}`))
    .map(({ ref }) => ref);

/** Whoever carries the role: functions, or the role itself. */
const carriers = (stage: DeployedStage, action: string, resource: string): readonly string[] =>
  rolesThatMay(stage, action, resource).flatMap((roleId) => {
    const functions = functionsWithRole(stage, roleId);
    return functions.length === 0 ? [`role ${roleId}`] : functions.map((name) => `function ${name}`);
  });

const addSchedulesAndApis = ({ stage, add }: Builder): void => {
  for (const { properties } of stage.ofType('AWS::Scheduler::Schedule')) {
    const node = `schedule ${String(properties.Name)}`;
    add('outside', node);
    add(node, nodeOfArn((properties.Target as { readonly Arn: string }).Arn));
  }
  for (const { properties } of stage.ofType('AWS::Lambda::Permission')) {
    if (properties.Principal !== 'apigateway.amazonaws.com') continue;
    const name = String(properties.FunctionName);
    add('outside', 'api');
    add('api', name.startsWith('arn:') ? nodeOfArn(name) : `function ${name}`);
  }
};

const addMachines = ({ stage, add, addEvent }: Builder): void => {
  for (const { name, arn, definition } of machinesOf(stage)) {
    const invoked = [...JSON.stringify(definition).matchAll(/arn:aws:lambda:[^"]+?:function:[^":]+/g)];
    for (const [functionArn] of invoked) add(`machine ${name}`, nodeOfArn(functionArn));
    for (const starter of carriers(stage, 'states:StartExecution', arn)) {
      if (starter.startsWith('function ')) add(starter, `machine ${name}`);
    }
    for (const status of ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']) {
      addEvent(`machine ${name}`, `event ${name} ${status}`, 'default', {
        source: 'aws.states',
        'detail-type': 'Step Functions Execution Status Change',
        detail: { status, stateMachineArn: arn },
      });
    }
  }
};

const addOwnEvents = ({ stage, addEvent }: Builder): void => {
  const [bus] = stage.ofType('AWS::Events::EventBus');
  for (const { ref } of stage.ofType('AWS::Lambda::Function')) {
    const sources = sourcesOf(folderOf(ref));
    for (const type of Object.keys(EVENT_SCHEMAS)) {
      if (!new RegExp(`publish\\(\\s*'${type}'`).test(sources)) continue;
      addEvent(`function ${ref}`, `event ${type}`, bus?.ref ?? '', { source: EVENT_SOURCE, 'detail-type': type });
    }
  }
};

const addAlarms = ({ stage, add, addEvent }: Builder): void => {
  const measuring = stage.ofType('AWS::Lambda::Function').filter(({ ref }) => {
    return sourcesOf(folderOf(ref)).includes('embeddedMetrics(');
  });
  for (const alarm of stage.ofType('AWS::CloudWatch::Alarm')) {
    const node = `alarm ${alarm.ref}`;
    const ours = alarm.properties.Namespace === 'Millrace';
    const ringers = ours ? measuring.map(({ ref }) => `function ${ref}`) : ['outside', 'live', 'api'];
    for (const ringer of ringers) add(ringer, node);
    addEvent(node, `event ${alarm.ref} rings`, 'default', {
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      detail: { alarmName: alarm.ref, state: { value: 'ALARM' } },
    });
  }
};

/** Objects that arrive: from outside anywhere below a bucket's datasets, from roles where they may write. */
const addObjects = ({ stage, rules, add, addEvent }: Builder): void => {
  const bucketRules = rules.filter(({ matches }) => stage.ofType('AWS::S3::Bucket').some((b) => wants(matches, b)));
  for (const { node } of bucketRules) add('outside', node);
  for (const bucket of stage.ofType('AWS::S3::Bucket')) {
    for (const prefix of WRITTEN_PREFIXES) {
      const key = `${prefix}x`;
      for (const writer of carriers(stage, 's3:PutObject', `${bucket.arn}/${key}`)) {
        addEvent(writer, `event object ${prefix} in ${bucket.ref}`, 'default', objectCreated(bucket, key));
      }
    }
  }
};

/** Where the platform keeps things in its buckets: `shared/contracts/artifacts.ts`. */
const WRITTEN_PREFIXES = [
  'datasets/',
  'capture/m/',
  'compacted/m/',
  'reports/m/',
  'runs/m/',
  'models/m/',
  'cache/m/',
  'cards/m/',
  'uploads/m/',
  'tracking/w/',
];
const objectCreated = (bucket: DeployedResource, key: string) => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: bucket.ref }, object: { key } },
});
const wants = (matches: EventTest, bucket: DeployedResource): boolean =>
  WRITTEN_PREFIXES.some((prefix) => matches(objectCreated(bucket, `${prefix}x`)));

const inferenceArns = (stage: DeployedStage): readonly string[] =>
  stage.ofType('AWS::Lambda::Function').flatMap(({ ref, arn }) => (folderOf(ref) === 'infer' ? [arn] : []));

const addLive = ({ stage, add }: Builder): void => {
  for (const arn of inferenceArns(stage)) {
    for (const action of ALIAS_ACTIONS) {
      for (const mover of carriers(stage, action, arn)) add(mover, 'live');
    }
    add('live', nodeOfArn(arn));
  }
  // What live answers is captured, and judged from there.
  const [, data] = stage.ofType('AWS::S3::Bucket');
  for (const reader of carriers(stage, 's3:GetObject', `${data?.arn}/capture/x`)) add('live', reader);
};

/** A function that may make schedules leads to what the scheduler's roles may invoke. */
const addOwnSchedules = ({ stage, add }: Builder): void => {
  for (const maker of carriers(stage, 'scheduler:CreateSchedule', '*')) {
    for (const { ref, arn } of stage.ofType('AWS::Lambda::Function')) {
      const invoked = rolesThatMay(stage, 'lambda:InvokeFunction', arn).some((id) => /SchedulerRole/.test(id));
      if (invoked) add(maker, `function ${ref}`);
    }
  }
};

/** A function leads to those that it may invoke by itself. Who asks a model for a prediction asks `live`, see there. */
const addOwnInvocations = ({ stage, add }: Builder): void => {
  for (const { ref, arn } of stage.ofType('AWS::Lambda::Function')) {
    if (folderOf(ref) === 'infer') continue;
    for (const caller of carriers(stage, 'lambda:InvokeFunction', arn)) {
      if (caller.startsWith('function ')) add(caller, `function ${ref}`);
    }
  }
};

export const causeGraph = (stage: DeployedStage): CauseGraph => {
  const edges = new Map<string, Set<string>>();
  const add = (from: string, to: string): void => {
    edges.set(from, (edges.get(from) ?? new Set()).add(to));
  };
  const rules = rulesOf(stage);
  for (const { node, targets } of rules) for (const target of targets) add(node, target);
  const addEvent: Builder['addEvent'] = (from, name, bus, event) => {
    add(from, name);
    for (const rule of rules) if (overlaps(rule.bus, bus) && rule.matches(event)) add(name, rule.node);
  };
  const builder: Builder = { stage, rules, add, addEvent };
  addSchedulesAndApis(builder);
  addMachines(builder);
  addOwnEvents(builder);
  addAlarms(builder);
  addObjects(builder);
  addLive(builder);
  addOwnSchedules(builder);
  addOwnInvocations(builder);
  return edges;
};

/** A shortest way, as its nodes, or undefined when there is none past the nodes that are cut out. */
export const findWay = (
  graph: CauseGraph,
  from: string,
  to: string,
  without: ReadonlySet<string> = new Set(),
): readonly string[] | undefined => {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  for (const node of cameFrom.keys()) {
    for (const next of graph.get(node) ?? []) {
      if (cameFrom.has(next) || without.has(next)) continue;
      cameFrom.set(next, node);
    }
  }
  if (!cameFrom.has(to)) return undefined;
  const way: string[] = [];
  for (let node: string | undefined = to; node !== undefined; node = cameFrom.get(node)) way.unshift(node);
  return way;
};

/** A way from the node back to itself, without the nodes that are cut out. */
export const findRing = (
  graph: CauseGraph,
  node: string,
  without: ReadonlySet<string> = new Set(),
): readonly string[] | undefined => {
  for (const next of graph.get(node) ?? []) {
    if (without.has(next)) continue;
    const way = next === node ? [node] : findWay(graph, next, node, without);
    if (way !== undefined) return [node, ...way];
  }
  return undefined;
};
