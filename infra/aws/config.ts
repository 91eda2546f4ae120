import { type TasksDefinition, TasksSchema } from '../../shared/contracts/model-definition.ts';
import { LOCAL_SERVER_IMAGE } from '../../shared/contracts/names.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { checkFirewall, type Firewall } from './firewall.ts';
import { checkUsagePlans, type UsagePlan } from './usage-plans.ts';

/** A stage: one deployment of the whole platform. Stages may share an account; nothing of theirs collides. */
export interface StageConfig {
  /** Part of every name: lower-case letters and digits, so that no stage's name is the start of another's. */
  readonly name: string;
  /** Default: the account and region of the credentials that deploy. */
  readonly account?: string;
  readonly region?: string;
  /** Where alarms, refusals and budget warnings go. Without it they are published to the topic only. */
  readonly email?: string;
  readonly architecture: 'arm64' | 'x86_64';
  /** Monthly budget; a warning is sent at 80 % actual and 100 % forecast. */
  readonly budgetUsd: number;
  readonly logRetentionDays: 7 | 14 | 30 | 90 | 365;
  /** Days that overwritten or deleted objects stay recoverable. */
  readonly noncurrentVersionDays: number;
  /** Requests a second and burst that each API accepts before it answers 429. */
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
  /** The same of the tracking API, whose clients send a request for every few metrics that they log. */
  readonly trackingThrottle: { readonly rateLimit: number; readonly burstLimit: number };
  /** With any, each call of the prediction API needs a client's API key beside its signature. @default none */
  readonly usagePlans: readonly UsagePlan[];
  /** A web application firewall before the prediction API; it costs while nobody calls. @default 'off' */
  readonly firewall: Firewall | 'off';
  /**
   * How the audit log's sealed heads are locked. COMPLIANCE: for nobody to lift, not even the account's root, whatever it
   * costs to keep the account. GOVERNANCE: an administrator with `s3:BypassGovernanceRetention` may, so that a stage can
   * be taken down.
   */
  readonly sealRetention: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number };
  /** Receivers of webhooks that are reached without TLS and at private addresses: names with commas between, or `none`. */
  readonly webhookAllowHosts: string;
  /** Where run events of OpenLineage are posted, besides the bus. @default nowhere */
  readonly openLineageUrl?: string;
  /** Longest an answer waits for the capture of its prediction; beyond it the capture counts as failed. */
  readonly captureLimitMs: number;
  /**
   * The image of models with `deployment.target: 'ecs'`, by digest. @default none: such a model is refused
   */
  readonly serverImage?: string;
  /** Whether a service of its own answers for registered models without a definition; it costs while nobody asks. */
  readonly modelServer: 'off' | 'on';
  /** How many tasks it runs, as `deployment.tasks` of a model on ECS says it. */
  readonly modelServerTasks: TasksDefinition;
  /**
   * The repository of that image and the CodeBuild project that builds it from the sources of this deploy. Nothing is
   * built until somebody starts the project; what it printed is what `serverImage` takes.
   */
  readonly serverImageBuild: 'off' | 'on';
  /** Whether feature views are materialized by their schedules, or only when somebody asks for it. */
  readonly materialize: 'on-schedule' | 'on-demand';
  /**
   * `packaged`: the layers hold the native libraries. `marker`: a note only, for the embedded cloud, which takes
   * them from the project's node_modules; such a stage needs no network to synthesise and must not be deployed.
   */
  readonly nativeLayers: 'packaged' | 'marker';
}

const DEFAULTS = {
  architecture: 'arm64',
  budgetUsd: 50,
  logRetentionDays: 30,
  noncurrentVersionDays: 30,
  throttle: { rateLimit: 200, burstLimit: 400 },
  trackingThrottle: { rateLimit: 2_000, burstLimit: 4_000 },
  usagePlans: [],
  firewall: 'off',
  sealRetention: { mode: 'GOVERNANCE', days: 30 },
  webhookAllowHosts: 'none',
  captureLimitMs: 50,
  modelServer: 'off',
  modelServerTasks: 1,
  serverImageBuild: 'off',
  nativeLayers: 'packaged',
  materialize: 'on-schedule',
} as const satisfies Omit<StageConfig, 'name'>;

const STAGES: readonly StageConfig[] = [
  {
    ...DEFAULTS,
    name: 'local',
    account: '000000000000',
    region: 'us-east-1',
    email: 'operator@example.com',
    // A laptop's cores are shared by everything that the embedded cloud does.
    captureLimitMs: 2_000,
    webhookAllowHosts: '127.0.0.1,localhost',
    serverImage: LOCAL_SERVER_IMAGE,
    nativeLayers: 'marker',
    // Months go by in minutes here, and each hour of them would be a run of DuckDB.
    materialize: 'on-demand',
  },
  { ...DEFAULTS, name: 'dev' },
  {
    ...DEFAULTS,
    name: 'prod',
    budgetUsd: 500,
    logRetentionDays: 365,
    noncurrentVersionDays: 90,
    sealRetention: { mode: 'COMPLIANCE', days: 400 },
    throttle: { rateLimit: 2_000, burstLimit: 4_000 },
  },
];

/** Of S3's Object Lock. */
const LONGEST_LOCK_DAYS = 36_500;
const STAGE_NAME = /^[a-z][a-z0-9]{0,11}$/;

/** What the command line may set: `cdk deploy --all -c stage=dev -c email=me@example.com`. */
export interface StageOverrides {
  readonly email?: string;
  readonly account?: string;
  readonly region?: string;
}

/**
 * The settings of a stage, with what the command line sets over what stands here.
 * @throws InvalidRequestError for a stage that is not listed.
 */
export const stageConfig = (name: string, overrides: StageOverrides = {}): StageConfig => {
  const stage = STAGES.find((candidate) => candidate.name === name);
  if (stage === undefined) {
    const known = STAGES.map((candidate) => candidate.name).join(', ');
    throw new InvalidRequestError(
      `unknown stage ${JSON.stringify(name)}, must be one of ${known} (infra/aws/config.ts)`,
    );
  }
  return checkStage({ ...stage, ...overrides });
};

/** @throws InvalidRequestError that names the wrong field. */
export const checkStage = (stage: StageConfig): StageConfig => {
  if (!STAGE_NAME.test(stage.name)) {
    throw new InvalidRequestError(
      `stage name must be 1 to 12 lower-case letters and digits and start with a letter, got ${JSON.stringify(stage.name)}`,
    );
  }
  if (stage.email !== undefined && !/^[^@\s]+@[^@\s]+$/.test(stage.email)) {
    throw new InvalidRequestError(`email must be an address, got ${JSON.stringify(stage.email)}`);
  }
  checkUsagePlans(stage.usagePlans);
  checkFirewall(stage.firewall);
  const { days } = stage.sealRetention;
  if (!Number.isInteger(days) || days < 1 || days > LONGEST_LOCK_DAYS) {
    throw new InvalidRequestError(
      `sealRetention.days must be a whole number in [1, ${LONGEST_LOCK_DAYS}], got ${days}`,
    );
  }
  parse(TasksSchema, stage.modelServerTasks, 'modelServerTasks');
  const image = stage.serverImage;
  if (image !== undefined && !/^[^@\s]+@sha256:[0-9a-f]{64}$/.test(image)) {
    throw new InvalidRequestError(
      `serverImage must pin the image by digest, <repository>@sha256:<64 hex digits>, got ${JSON.stringify(image)}`,
    );
  }
  const url = stage.openLineageUrl;
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new InvalidRequestError(`openLineageUrl must be an http or https URL, got ${JSON.stringify(url)}`);
  }
  return stage;
};
